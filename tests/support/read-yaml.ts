import { Validator } from '@seriousme/openapi-schema-validator';

/** The documents of a YAML text. The validator of OpenAPI documents reads YAML first, and that is all we ask of it. */
export async function readYaml(text: string): Promise<readonly unknown[]> {
  const documents = text.split(/^---$/m).filter((part) => part.trim() !== '');
  return Promise.all(documents.map(readDocument));
}

async function readDocument(text: string): Promise<unknown> {
  const validator = new Validator();
  await validator.validate(`${text}\n`);
  if (validator.specification === undefined) throw new Error(`not YAML: ${text.slice(0, 80)}`);
  return validator.specification;
}
