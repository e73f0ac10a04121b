/** The same keys with any text: what a translation of a catalogue has to provide. */
export type Shape<T> = { readonly [K in keyof T]: T[K] extends string ? string : Shape<T[K]> };
