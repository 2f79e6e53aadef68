import type { z } from 'zod';

export function renderJsonSchema(schema: z.ZodType, title: string): string;
