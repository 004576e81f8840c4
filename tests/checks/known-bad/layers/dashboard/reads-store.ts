import type { DocumentStore } from '../stores/documents.ts';

export type Known = DocumentStore;
