export { default as chance } from 'avvio';
