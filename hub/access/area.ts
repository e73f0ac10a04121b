/** What access needs to know of the region tree. */
export interface AreaTree {
  /** Whether a region is one of `areas` or below one of them. */
  isWithin(regionId: string, areas: readonly string[]): boolean;
  /** Ids of `areas` and of every region below them. */
  below(areas: readonly string[]): string[];
}

/**
 * Whether an area (regions with everything below them; none means the whole tree) includes a thing's region. A thing
 * without a region is only inside the whole tree.
 */
export function areaIncludes(tree: AreaTree, areas: readonly string[], regionId: string | null): boolean {
  if (areas.length === 0) return true;
  return regionId !== null && tree.isWithin(regionId, areas);
}
