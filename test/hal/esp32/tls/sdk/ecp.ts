export { ECPoint as default } from './numbers.ts';
