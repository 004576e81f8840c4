import { parseAllDocuments } from 'yaml';

/** The documents of a YAML text. */
export function readYaml(text: string): readonly unknown[] {
  return parseAllDocuments(text).map((document) => {
    const [fault] = document.errors;
    if (fault !== undefined) throw fault;
    return document.toJS() as unknown;
  });
}
