export { cpu } from 'systeminformation';
