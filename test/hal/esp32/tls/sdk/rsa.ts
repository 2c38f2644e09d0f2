export { RSA as default } from './numbers.ts';
