/**
 * A model's tensors from a safetensors file of float32, bfloat16 or int8, read with distrust: names, types, shapes,
 * places and every number are checked, and what comes out is float32.
 *
 * In an int8 file a matrix W [out, in] is int8 with `name.scale` [out] beside it, and W = int8 x scale of the row.
 */

import { type ModelConfig, type Shape, type Weights, parameters } from "./architecture.ts";
import { isTable, parseJson } from "./settings.ts";

type Kind = "F32" | "BF16" | "I8";

const BYTES: Record<Kind, number> = { F32: 4, BF16: 2, I8: 1 };
const STEPS = 127; // of an int8 number to each side of 0
const LARGEST_SCALE = 2e36; // 127 such steps are a float32

/** Return the weights in the bytes of `name`; throws an Error that says what is wrong with them. */
export function readWeights(file: Uint8Array, config: ModelConfig, name: string): Weights {
  const fault = (what: string) => new Error(`${name}: ${what}; copy the model again from where it came`);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const length = file.length < 8 ? 0 : Number(view.getBigUint64(0, true));
  if (length < 1 || length > file.length - 8 || length % 8) {
    throw fault("not a safetensors file (its header has an impossible length)");
  }
  const header = parseJson(new TextDecoder().decode(file.subarray(8, 8 + length)), `${name}: the header`);
  if (!isTable(header)) throw fault("not a safetensors file (its header is no table)");
  delete header["__metadata__"];

  const wanted = layout(config, stored(header, name));
  for (const tensor of Object.keys(header)) {
    if (!wanted.has(tensor)) throw fault(`tensor ${tensor} is not of the model of config.json`);
  }
  const places: [number, number][] = [];
  const found = new Map<string, Float32Array>();
  for (const [tensor, [kind, shape]] of wanted) {
    const size = BYTES[kind] * count(shape);
    const entry = header[tensor];
    if (!isTable(entry)) throw fault(`no tensor ${tensor}, which the model of config.json needs`);
    if (entry["dtype"] !== kind) throw fault(`${tensor} is ${entry["dtype"]}; ${kind} is wanted`);
    if (String(entry["shape"]) !== String(shape)) {
      throw fault(`${tensor} has the shape [${entry["shape"]}]; the model of config.json wants [${shape}]`);
    }
    const [begin, end] = Array.isArray(entry["data_offsets"]) ? entry["data_offsets"] : [];
    if (!Number.isInteger(begin) || begin < 0 || end - begin !== size || 8 + length + end > file.length) {
      throw fault(`${tensor} has data_offsets=[${entry["data_offsets"]}]; ${size} bytes of the file are wanted`);
    }
    places.push([begin, end]);
    found.set(tensor, numbers(file.slice(8 + length + begin, 8 + length + end), kind));
    const wrong = wrongNumber(tensor, found.get(tensor)!, kind);
    if (wrong) throw fault(wrong);
  }
  places.sort((one, other) => one[0] - other[0]);
  const ends = [0, ...places.map(([, end]) => end)];
  if (places.some(([begin], at) => begin !== ends[at])) throw fault("tensors overlap, or leave a hole between them");
  if (ends.at(-1) !== file.length - 8 - length) throw fault("bytes follow the last tensor");

  const weights = new Map<string, Float32Array>();
  for (const tensor of parameters(config).keys()) {
    const scale = found.get(`${tensor}.scale`);
    weights.set(tensor, scale ? scaled(found.get(tensor)!, scale) : found.get(tensor)!);
  }
  return weights;
}

/** Return type and shape of every tensor of a file whose matrices are stored so. */
function layout(config: ModelConfig, kind: Kind): Map<string, [Kind, Shape]> {
  const wanted = new Map<string, [Kind, Shape]>();
  for (const [tensor, shape] of parameters(config)) {
    const matrix = shape.length === 2 && !tensor.endsWith("positions.weight");
    wanted.set(tensor, [kind === "I8" && !matrix ? "F32" : kind, shape]);
    if (kind === "I8" && matrix) wanted.set(`${tensor}.scale`, ["F32", shape.slice(0, 1)]);
  }
  return wanted;
}

function stored(header: Record<string, unknown>, name: string): Kind {
  if (name.includes("int8")) return "I8";
  const first = Object.values(header)[0];
  return isTable(first) && first["dtype"] === "BF16" ? "BF16" : "F32";
}

function count(shape: Shape): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** Return little-endian numbers as float32; int8 stay whole numbers. */
function numbers(bytes: Uint8Array, kind: Kind): Float32Array {
  if (kind === "F32") return new Float32Array(bytes.buffer);
  if (kind === "I8") return new Float32Array(new Int8Array(bytes.buffer));
  const bits = new Uint32Array(new Uint16Array(bytes.buffer));
  return new Float32Array(bits.map((half) => half << 16).buffer); // bfloat16 is the upper half of a float32
}

function wrongNumber(tensor: string, values: Float32Array, kind: Kind): string | null {
  const scale = tensor.endsWith(".scale");
  for (const value of values) {
    if (!Number.isFinite(value)) return `${tensor} holds numbers that are not finite`;
    if (kind === "I8" && value < -STEPS) return `${tensor} holds -128; -${STEPS} to ${STEPS} are allowed`;
    if (scale && !(0 <= value && value <= LARGEST_SCALE)) return `${tensor} holds ${value}, which is no scale`;
  }
  return null;
}

/** Return the steps times the scale of their row, in their place. */
function scaled(steps_OD: Float32Array, scale_O: Float32Array): Float32Array {
  const width = steps_OD.length / scale_O.length;
  scale_O.forEach((scale, row) => {
    for (let at = row * width; at < (row + 1) * width; at++) steps_OD[at] *= scale;
  });
  return steps_OD;
}
