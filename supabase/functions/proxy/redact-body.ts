import { isJsonObject, parseJson } from './json-object.ts';

/**
 * A body without email addresses, phone numbers, keys and card numbers. JSON is redacted text by text, so that no
 * escape hides one. It rather takes too much than too little. Every pattern is bounded: no body makes it slow.
 */
export function redactBody(body: string): string {
  const parsed = parseJson(body);
  return parsed === undefined ? redactText(body) : JSON.stringify(redactValue(parsed));
}

function redactValue(value: unknown): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'number') {
    const text = String(value);
    const redacted = redactText(text);
    return redacted === text ? value : redacted;
  }
  if (Array.isArray(value)) return value.map(redactValue);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([member, inner]) =>
      // An instant in seconds has as many digits as a phone number.
      member.startsWith('created') && typeof inner === 'number'
        ? [member, inner]
        : [redactText(member), redactValue(inner)],
    ),
  );
}

/** In this order: a key may hold digits, and a card's number looks like a phone's. */
export function redactText(text: string): string {
  return text
    .replace(privateKey, '[key]')
    .replace(knownKey, '[key]')
    .replace(longToken, (token) => (/\d/.test(token) && /[A-Za-z]/.test(token) ? '[key]' : token))
    .replace(base64Key, (token) => (mixed.every((kind) => kind.test(token)) ? '[key]' : token))
    .replace(email, '[email]')
    .replace(cardNumber, (digits) => (passesLuhn(digits) ? '[card]' : digits))
    .replace(phoneNumber, (number) => (looksLikePhone(number) ? '[phone]' : number));
}

const privateKey =
  /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\s\S]{0,8000}?-----END [A-Z ]{0,30}PRIVATE KEY-----/g;
const knownKey = new RegExp(
  [
    String.raw`\b(?:sk|pk|rk|khq|ghp|gho|ghu|ghs|ghr|github_pat|glpat|whsec|xox[abeprs]|hf|shp(?:at|ca|pa|ss))[-_][A-Za-z0-9_-]{8,300}`,
    String.raw`\b(?:AKIA|ASIA)[A-Z0-9]{16}\b`,
    String.raw`\bAIza[A-Za-z0-9_-]{35}`,
    // A JSON Web Token.
    String.raw`\beyJ[A-Za-z0-9_-]{8,2000}\.[A-Za-z0-9_-]{2,4000}(?:\.[A-Za-z0-9_-]{0,1000})?`,
    String.raw`(?<=\b[Bb]earer )[A-Za-z0-9._~+/=-]{16,2000}`,
  ].join('|'),
  'g',
);
const longToken = /[A-Za-z0-9_-]{40,2000}/g;
/** As AWS writes its secrets: forty characters of base64, which a path may be as well. */
const base64Key = /(?<![A-Za-z0-9/+=])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/g;
const mixed = [/[a-z]/, /[A-Z]/, /\d/];
const email = /[\p{L}\p{N}._%+'-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,8}/gu;
const cardNumber = /(?<!\d)\d(?:[ ./\u00a0\u2009\u202f\u2010-\u2015-]?\d){12,18}(?!\d)/g;
const phoneNumber = /(?<![\w+])(?:\+|\(|\d)[\d ()./\u00a0\u2009\u202f\u2010-\u2015-]{6,24}\d(?!\w)/g;

function passesLuhn(text: string): boolean {
  const digits = [...text].filter((each) => each >= '0' && each <= '9').map(Number);
  const sum = digits.toReversed().reduce((total, digit, place) => {
    const counted = place % 2 === 0 ? digit : digit * 2;
    return total + (counted > 9 ? counted - 9 : counted);
  }, 0);
  return sum % 10 === 0;
}

/** Between nine and fifteen digits, or fewer behind a plus; days and versions are none. */
function looksLikePhone(text: string): boolean {
  const digits = text.replaceAll(/\D/g, '').length;
  if (/^\d{4}-\d{2}-\d{2}\b/.test(text) || /^\d{1,3}(?:\.\d{1,3}){3}$/.test(text)) return false;
  return digits <= 15 && digits >= (text.startsWith('+') || text.startsWith('(') ? 7 : 9);
}
