/** Amounts of money: decimals of at most two digits behind the point, held as text; money is no float. */
import { z } from 'zod';

export const amountSchema = z
  .string()
  .regex(/^(0|[1-9]\d{0,15})(\.\d{1,2})?$/)
  .describe('a decimal with at most two digits behind the point, as text: "1000" or "1000.50"');

export const currencySchema = z
  .string()
  .regex(/^[A-Z]{3}$/)
  .describe('ISO 4217: EUR');

/** What a document of somebody is worth. */
export interface Money {
  readonly amount: string;
  readonly currency: string;
}

/** Whether an amount is at most another. */
export function isUpTo(amount: string, limit: string): boolean {
  return hundredths(amount) <= hundredths(limit);
}

function hundredths(amount: string): bigint {
  const [whole, fraction = ''] = amount.split('.');
  return BigInt(`${whole}${fraction.padEnd(2, '0')}`);
}
