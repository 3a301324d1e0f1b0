/** Tables of JSON as typed settings, strictly: an unknown name or a value of another type is an error in words. */

export type Table = Record<string, unknown>;

export function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Return the JSON value of a text, or throw an Error that begins with `name`. */
export function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${name} is no JSON (${error instanceof Error ? error.message : error}); restore the file`);
  }
}

/**
 * Return `defaults` with what is given put over them. A setting has the type of its default; one whose default is
 * null is a number or null, one whose default is a table is a table of settings itself.
 */
export function settings<T extends object>(defaults: T, given: unknown, where: string): T {
  if (!isTable(given)) throw new Error(`${where}=${shown(given)}: a table of settings is wanted`);
  const known: Table = Object.fromEntries(Object.entries(defaults));
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(defaults, name)) {
      throw new Error(`no setting ${where}.${name}; allowed: ${Object.keys(defaults).join(", ")}`);
    }
    known[name] = fit(known[name], value, `${where}.${name}`);
  }
  return known as T;
}

function fit(standard: unknown, value: unknown, where: string): unknown {
  if (isTable(standard)) return settings(standard, value, where);
  const wanted = standard === null ? "number" : typeof standard;
  const right = typeof value === wanted && (wanted !== "number" || Number.isFinite(value));
  if (right || (standard === null && value === null)) return value;
  throw new Error(`${where}=${shown(value)}: a ${wanted} is wanted${standard === null ? ", or null" : ""}`);
}

/** Return a value for a message, which a damaged file must not make long. */
function shown(value: unknown): string {
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "[...]" : "{...}";
  return String(JSON.stringify(value)).slice(0, 80);
}
