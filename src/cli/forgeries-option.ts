import { Option } from 'commander';

/** `--forgeries`, of which `--far` speaks. */
export function forgeriesOption(): Option {
  return new Option('--forgeries <kind>', 'which forgeries --far speaks of')
    .choices(['skilled', 'random'])
    .default('skilled');
}
