/**
 * A trace as JSON and back, as `src/dragoman/explain/trace_json.py` writes and reads it: a tensor is a list of numbers of
 * four significant digits, null for -Infinity, or packed as the base64 of half-precision floats.
 */

import { isTable, parseJson } from "./settings.ts";
import type { Tensor, Trace } from "./trace_types.ts";

export const FORMAT = "dragoman-trace";
export const VERSION = 2;

/** Return a trace as JSON, numbers of tensors rounded to so many significant digits. */
export function writeTrace(trace: Trace, digits = 4): string {
  return JSON.stringify(trace, (_, value: unknown) => {
    if (!(value instanceof Float32Array)) return value;
    return Array.from(value, (number) => {
      if (Number.isFinite(number)) return Number(number.toPrecision(digits));
      if (number === -Infinity) return null;
      throw new Error("a trace holds numbers that are not finite; the model's numbers overflow");
    });
  });
}

/** Read a trace; throws an Error for what is none of this version. */
export function readTrace(text: string): Trace {
  const found = parseJson(text, "the trace");
  if (!isTable(found) || found["format"] !== FORMAT) throw new Error(`this is no trace: its format is not ${FORMAT}`);
  if (found["version"] !== VERSION) {
    const given = String(JSON.stringify(found["version"])).slice(0, 80);
    throw new Error(`a trace of version ${given}; version ${VERSION} is read here: trace the text anew`);
  }
  return read(found) as Trace;
}

function read(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(read);
  if (!isTable(value)) return value;
  const names = Object.keys(value);
  if (names.length === 2 && "shape" in value && "values" in value) return tensor(value["shape"], value["values"]);
  return Object.fromEntries(names.map((name) => [name, read(value[name])]));
}

function tensor(shape: unknown, values: unknown): Tensor {
  const isLength = (length: unknown): length is number => Number.isInteger(length) && Number(length) >= 0;
  if (!Array.isArray(shape) || !shape.every(isLength)) throw damaged();
  const isNumber = (one: unknown): one is number | null => one === null || typeof one === "number";
  let numbers: Float32Array;
  if (typeof values === "string") numbers = halves(values);
  else if (Array.isArray(values) && values.every(isNumber)) {
    numbers = Float32Array.from(values, (one) => one ?? -Infinity);
  } else throw damaged();
  if (numbers.length !== shape.reduce((product, length) => product * length, 1)) throw damaged();
  return { shape, values: numbers };
}

function damaged(): Error {
  return new Error("a tensor of the trace is damaged; trace the text anew");
}

/** Return the little-endian half-precision floats of a base64 text (IEEE 754: sign, 5 bits of exponent, 10 of fraction). */
function halves(base64: string): Float32Array {
  let letters: string;
  try {
    letters = atob(base64);
  } catch {
    throw damaged();
  }
  const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: bytes.length >> 1 }, (_, at) => {
    const bits = view.getUint16(2 * at, true);
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 0x1f;
    const fraction = (bits & 0x3ff) / 1024;
    if (exponent === 0x1f) return fraction ? NaN : sign * Infinity;
    return sign * (exponent ? (1 + fraction) * 2 ** (exponent - 15) : fraction * 2 ** -14);
  });
}
