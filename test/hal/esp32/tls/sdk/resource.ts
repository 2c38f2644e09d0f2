/** Stands in for the SDK's module: a firmware without its CAs. */
export default { exists: () => false };
