/** Facts an endpoint gives away in its scopes. */
export interface ScopeFacts {
  readonly name: string | null;
  readonly hardware: string | null;
  readonly location: string | null;
  readonly macAddress: string | null;
  readonly serialNumber: string | null;
  /** ONVIF profiles claimed: `Streaming` (S), `G`, `T`, `M`, `C` … */
  readonly profiles: readonly string[];
}

/** The key under which an endpoint is remembered: `urn:uuid:` in front, lower case. */
export function endpointKey(endpoint: string): string {
  const trimmed = endpoint.trim().toLowerCase();
  const bare = trimmed.replace(/^(urn:)?uuid:/, '');
  return bare === trimmed ? trimmed : `urn:uuid:${bare}`;
}

const SCOPE = /^onvif:\/\/(?:www\.)?onvif\.org\/([^/]+)\/(.*)$/i;

/** Reads `onvif://www.onvif.org/<category>/<value>` scopes; other tokens are left alone. */
export function scopeFacts(scopes: readonly string[]): ScopeFacts {
  const byCategory = new Map<string, string[]>();
  for (const scope of scopes) {
    const match = SCOPE.exec(scope);
    const category = match?.[1]?.toLowerCase();
    const value = decodePercent(match?.[2] ?? '').trim();
    if (category === undefined || value === '') continue;
    byCategory.set(category, [...(byCategory.get(category) ?? []), value]);
  }
  const first = (...categories: string[]): string | null => {
    for (const category of categories) {
      const value = byCategory.get(category)?.[0];
      if (value !== undefined) return value;
    }
    return null;
  };
  return {
    name: first('name'),
    hardware: first('hardware', 'model'),
    location: first('location'),
    macAddress: normaliseMac(first('mac', 'macaddress')),
    serialNumber: first('serialnumber', 'serial'),
    profiles: byCategory.get('profile') ?? [],
  };
}

/** A MAC address as `aa:bb:cc:dd:ee:ff`, or null when it is not one. */
export function normaliseMac(text: string | null): string | null {
  const digits = (text ?? '').replace(/[^0-9a-f]/gi, '').toLowerCase();
  return digits.length === 12 ? (digits.match(/../g)?.join(':') ?? null) : null;
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}
