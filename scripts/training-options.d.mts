import type { z } from 'zod';

export function renderTrainingOptions(schema: z.ZodType): string;
