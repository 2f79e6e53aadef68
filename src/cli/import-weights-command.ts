import type { Command } from 'commander';
import { checkImport, importWeights } from './import-weights.js';
import { formatPercent, printJson, printResult } from './terminal.js';

export function addImportWeightsCommand(program: Command): void {
  program
    .command('import-weights')
    .description('turn ImageNet MobileNet weights (TFJS layers-model) into a weights file to train from')
    .argument('<folder>', 'folder with model.json and its binary files')
    .requiredOption('--out <file>', 'weights file to write (.safetensors)')
    .option('--check <folder>', 'classify the 224 x 224 photos of this folder with the imported weights')
    .option('--json', 'print the result as JSON')
    .action(
      async (folder: string, flags: { readonly out: string; readonly check?: string; readonly json?: boolean }) => {
        const imported = await importWeights(folder, flags.out);
        const checks = flags.check === undefined ? [] : await checkImport(folder, flags.check);
        if (flags.json) return printJson({ ...imported, checks });
        printResult(`${imported.file}: ${imported.backbone}, ${imported.tensors} tensors, ${imported.values} values`);
        for (const check of checks) {
          const features = check.firstFeatures.map((value) => value.toFixed(4)).join(', ');
          printResult(
            `${check.image}: class ${check.class} ${check.label} ${formatPercent(check.probability)}; features: ` +
              `mean ${check.featureMean.toFixed(6)}, norm ${check.featureNorm.toFixed(5)}, first ${features}`,
          );
        }
      },
    );
}
