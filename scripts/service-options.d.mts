import type { z } from 'zod';

export function renderServiceOptions(schema: z.ZodType, variableOf: (path: readonly string[]) => string): string;
