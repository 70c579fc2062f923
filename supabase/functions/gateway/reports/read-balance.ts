import { z } from 'zod';
import { fetchReport } from './fetch-report.ts';

const Balance = z.object({
  data: z.object({ available_balance: z.union([z.number(), z.string()]) }),
});

/** Moonshot reports no costs, only what is left, in dollars: vouchers and cash together. @throws ReportError */
export async function readBalance(baseUrl: string, apiKey: string): Promise<string> {
  const headers = { authorization: `Bearer ${apiKey}` };
  const { data } = await fetchReport(`${baseUrl}/users/me/balance`, headers, Balance);
  return String(data.available_balance);
}
