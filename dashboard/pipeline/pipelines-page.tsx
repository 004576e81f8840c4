import { DeadLetters } from './dead-letters.tsx';
import { PipelinePanel } from './pipeline-panel.tsx';
import { HinderedPipelines, StoppedPipelines } from './pipeline-notices.tsx';

/** The topologies as they run, and what they could not process. */
export function PipelinesPage(): React.ReactNode {
  return (
    <main className="page">
      <h1 className="visually-hidden">Pipelines</h1>
      <StoppedPipelines />
      <HinderedPipelines />
      <PipelinePanel />
      <DeadLetters />
    </main>
  );
}
