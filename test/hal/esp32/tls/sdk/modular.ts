export { Modular as default } from './numbers.ts';
