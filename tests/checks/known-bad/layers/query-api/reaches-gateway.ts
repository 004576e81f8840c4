export { accept } from '../agent-gateway/accept.ts';
