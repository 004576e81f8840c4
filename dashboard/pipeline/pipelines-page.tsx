import { DeadLetters } from './dead-letters.tsx';
import { PipelinePanel } from './pipeline-panel.tsx';
import { StoppedPipelines } from './stopped-pipelines.tsx';

/** The topologies as they run, and what they could not process. */
export function PipelinesPage(): React.ReactNode {
  return (
    <main className="page">
      <h1 className="visually-hidden">Pipelines</h1>
      <StoppedPipelines />
      <PipelinePanel />
      <DeadLetters />
    </main>
  );
}
