/** What is to be verified in bulk: the images of a list, each with what is at stake. */
import { type ListedImage, readItemList } from '../enrol/item-list.js';
import { amountSchema, currencySchema } from '../policy/money.js';
import type { NewBulkItem } from '../store/bulk-items.js';

const COLUMNS = ['label', 'policy', 'amount', 'currency'];

/** An item whose file has not been read. */
export interface ListedItem extends Omit<NewBulkItem, 'image'> {
  /** Relative to the base of the list. */
  readonly source: string;
}

/**
 * @param source - absolute
 * @param policy - of those that the list names none for; undefined for none
 * @throws CountersignError IMPORT_INVALID naming file and line
 */
export async function readVerifySource(source: string, policy: string | undefined): Promise<readonly ListedItem[]> {
  return (await readItemList(source, COLUMNS)).map((image): ListedItem => {
    const { source, externalRef, field } = image;
    return {
      ...{ source, externalRef, label: field('label') || source, policy: field('policy') || policy },
      ...money(image),
    };
  });
}

function money({ field, invalid }: ListedImage): Pick<NewBulkItem, 'amount' | 'currency'> {
  const [amount, currency] = [field('amount'), field('currency')];
  if (amount === '' && currency === '') return {};
  if (amountSchema.safeParse(amount).success && currencySchema.safeParse(currency).success) return { amount, currency };
  throw invalid(`expected an amount like 1000.50 and a currency like EUR; "${amount}" and "${currency}" came`);
}
