import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';

import { fieldCosts, pageFields, questionCosts, rowFields } from './limits.ts';

/** How large an operation is. `Infinity` where a fragment spreads itself. */
export interface Measure {
  readonly depth: number;
  readonly aliases: number;
  readonly rootFields: number;
  readonly directives: number;
  readonly fields: number;
  readonly cost: number;
}

type Variables = Readonly<Record<string, unknown>>;

interface Walk {
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly variables: Variables;
  /** By fragment and the place it is spread at: each is measured once, however often it is spread. */
  readonly known: Map<string, Measure | null>;
}

/** Where selections stand. */
interface Place {
  readonly isQuestion: boolean;
  /** Of the list around. */
  readonly rows: number;
}

const top: Place = { isQuestion: true, rows: 1 };

const nothing: Measure = { depth: 0, aliases: 0, rootFields: 0, directives: 0, fields: 0, cost: 0 };
const endless: Measure = {
  depth: Infinity,
  aliases: Infinity,
  rootFields: Infinity,
  directives: Infinity,
  fields: Infinity,
  cost: Infinity,
};

/**
 * The largest operation of a document, in time that grows with the document alone: what fragments multiply is
 * multiplied in numbers, never walked. Runs before validation, so it takes whatever parses.
 */
export function measureDocument(document: DocumentNode, variables: Variables): Measure {
  const fragments = new Map<string, FragmentDefinitionNode>();
  const operations: OperationDefinitionNode[] = [];
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    if (definition.kind === Kind.OPERATION_DEFINITION) operations.push(definition);
  }
  const walk: Walk = { fragments, variables, known: new Map() };
  return operations
    .map((operation) => ofSelections(operation.selectionSet, top, walk))
    .reduce(larger, nothing);
}

function ofSelections(set: SelectionSetNode, place: Place, walk: Walk): Measure {
  let total = nothing;
  for (const selection of set.selections) {
    const directives = selection.directives?.length ?? 0;
    const own = selectionMeasure(selection, place, walk);
    total = sum(total, { ...own, directives: own.directives + directives });
  }
  return total;
}

function selectionMeasure(
  selection: SelectionSetNode['selections'][number],
  place: Place,
  walk: Walk,
): Measure {
  switch (selection.kind) {
    case Kind.FIELD:
      return ofField(selection, place, walk);
    case Kind.INLINE_FRAGMENT:
      return ofSelections(selection.selectionSet, place, walk);
    case Kind.FRAGMENT_SPREAD:
      return ofFragment(selection.name.value, place, walk);
  }
}

function ofField(field: FieldNode, { isQuestion, rows }: Place, walk: Walk): Measure {
  const name = field.name.value;
  const isPage = isQuestion && Object.hasOwn(pageFields, name);
  const place = { isQuestion: false, rows: isPage ? pageRows(field, walk.variables) : 1 };
  const below = field.selectionSet === undefined ? nothing : ofSelections(field.selectionSet, place, walk);
  const times = rowFields.has(name) ? rows : 1;
  const costs = isQuestion ? questionCosts : fieldCosts;
  const own = Object.hasOwn(costs, name) ? (costs[name] ?? 0) : 0;
  return {
    depth: below.depth + 1,
    aliases: below.aliases + (field.alias === undefined ? 0 : 1),
    rootFields: 1,
    directives: below.directives,
    fields: below.fields + 1,
    cost: times * (own + below.cost),
  };
}

function ofFragment(name: string, place: Place, walk: Walk): Measure {
  const key = `${place.isQuestion ? 'question' : place.rows} ${name}`;
  const known = walk.known.get(key);
  // null: it is being measured, so it spreads itself.
  if (known === null) return endless;
  if (known !== undefined) return known;
  const fragment = walk.fragments.get(name);
  if (fragment === undefined) return nothing;
  walk.known.set(key, null);
  const measure = ofSelections(fragment.selectionSet, place, walk);
  walk.known.set(key, measure);
  return measure;
}

/** What cannot be known counts as the default; validation and the resolver refuse what is no number. */
function pageRows(field: FieldNode, variables: Variables): number {
  const fallback = pageFields[field.name.value] ?? 1;
  const argument = field.arguments?.find(({ name }) => name.value === 'first');
  const given = argument === undefined ? fallback : numberOf(argument.value, variables);
  return Number.isFinite(given) && given > 0 ? given : fallback;
}

function numberOf(value: ValueNode, variables: Variables): number {
  if (value.kind === Kind.INT) return Number(value.value);
  return value.kind === Kind.VARIABLE ? Number(variables[value.name.value]) : NaN;
}

function sum(a: Measure, b: Measure): Measure {
  return {
    depth: Math.max(a.depth, b.depth),
    aliases: a.aliases + b.aliases,
    rootFields: a.rootFields + b.rootFields,
    directives: a.directives + b.directives,
    fields: a.fields + b.fields,
    cost: a.cost + b.cost,
  };
}

function larger(a: Measure, b: Measure): Measure {
  return {
    depth: Math.max(a.depth, b.depth),
    aliases: Math.max(a.aliases, b.aliases),
    rootFields: Math.max(a.rootFields, b.rootFields),
    directives: Math.max(a.directives, b.directives),
    fields: Math.max(a.fields, b.fields),
    cost: Math.max(a.cost, b.cost),
  };
}
