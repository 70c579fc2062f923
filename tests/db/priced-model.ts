import { randomUUID } from 'node:crypto';
import { operatorSql } from '../support/database.ts';

/** Round prices for arithmetic by hand: $0.0001 a token in, $0.001 a token out. A call of `describeCall` holds $0.20. */
const pricePerMtok = { input: 100, output: 1000 } as const;

/** A model of its own at OpenAI with those prices; `remove` takes it away again. */
export async function makePricedModel(): Promise<{ model: string; remove: () => Promise<void> }> {
  const sql = operatorSql();
  const model = `test-${randomUUID()}`;
  await sql`
    insert into public.models (provider, model, display_name, name_match, position)
    values ('openai', ${model}, 'Test', ${sql.json({ equals: model })}, 1000000)`;
  await sql`
    insert into public.model_prices
      (provider, model, valid_from, input_usd_per_mtok, output_usd_per_mtok, source)
    values ('openai', ${model}, '2020-01-01', ${pricePerMtok.input}, ${pricePerMtok.output}, 'test')`;
  return {
    model,
    async remove() {
      await sql`delete from private.model_names where model = ${model}`;
      await sql`delete from public.model_prices where model = ${model}`;
      await sql`delete from public.models where model = ${model}`;
    },
  };
}
