export { Curve as default } from './numbers.ts';
