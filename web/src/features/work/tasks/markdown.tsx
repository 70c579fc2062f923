import { Typography } from '@mantine/core';
import ReactMarkdown from 'react-markdown';
import remarkGfm from 'remark-gfm';
import classes from './markdown.module.css';

/**
 * What agents write, as they meant it to look. HTML in it stays text, links lead to http(s) and mail only, and pictures
 * are not fetched: an address in them could carry out what the agent has read.
 */
export function Markdown({ children }: { children: string }) {
  return (
    <Typography className={classes.root}>
      <ReactMarkdown
        remarkPlugins={[remarkGfm]}
        disallowedElements={['img']}
        components={{
          a: ({ href, children: label }) => (
            <a href={href} target="_blank" rel="noreferrer noopener">
              {label}
            </a>
          ),
        }}
      >
        {children}
      </ReactMarkdown>
    </Typography>
  );
}
