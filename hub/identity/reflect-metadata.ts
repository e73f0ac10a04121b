/**
 * The certificate library's container asks for three functions of the "metadata reflection" proposal when it is
 * loaded. They are all that it needs, so they are provided here instead of installing the whole polyfill.
 * Import this file before `@peculiar/x509`.
 */
type Metadata = Map<unknown, unknown>;

const metadataOf = new WeakMap<object, Metadata>();

function getOwnMetadata(key: unknown, target: object): unknown {
  return metadataOf.get(target)?.get(key);
}

function getMetadata(key: unknown, target: object): unknown {
  for (let at: object | null = target; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    const value = getOwnMetadata(key, at);
    if (value !== undefined) return value;
  }
  return undefined;
}

function defineMetadata(key: unknown, value: unknown, target: object): void {
  const own = metadataOf.get(target) ?? new Map<unknown, unknown>();
  own.set(key, value);
  metadataOf.set(target, own);
}

const reflect = Reflect as unknown as Record<string, unknown>;
if (reflect['getMetadata'] === undefined) Object.assign(Reflect, { getMetadata, getOwnMetadata, defineMetadata });
