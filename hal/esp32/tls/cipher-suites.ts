import { AES, ECDHE_RSA, GCM, SHA256 } from 'ssl/constants';

/*
 * The module `ssl/ciphersuites`, in place of the SDK's own list: forward secrecy and GCM only, which every server of
 * TLS 1.2 has (RFC 9325 §4.2).
 */
const AES_128_GCM = {
  isExportable: false,
  /** The SDK's word for both kinds of signature. */
  keyExchangeAlgorithm: ECDHE_RSA,
  cipherAlgorithm: AES,
  cipherKeySize: 16,
  cipherBlockSize: 16,
  hashAlgorithm: SHA256,
  hashSize: 32,
  encryptionMode: GCM,
  ivSize: 8,
  saltSize: 4,
};

/** TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 and TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256. */
export default Object.freeze([
  Object.freeze({ value: Object.freeze([0xc0, 0x2b]), ...AES_128_GCM }),
  Object.freeze({ value: Object.freeze([0xc0, 0x2f]), ...AES_128_GCM }),
]);
