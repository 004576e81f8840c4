import type { DocumentStore } from '../stores/documents.ts';
import { problem } from '../agent-gateway/problem.ts';

export const answer = (store: DocumentStore): string => problem(store.name);
