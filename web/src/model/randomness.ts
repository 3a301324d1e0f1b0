/**
 * Keyed random numbers, bit for bit those of `src/dragoman/randomness.py`: every draw is a function of what it is for,
 * never of what was drawn before (Salmon et al. 2011; the mixer is splitmix64, Steele et al. 2014).
 */

const SEED_BITS = 0x7fffffffffffffffn;

/** Scramble 64 bits: neighbours in, unrelated numbers out. */
export function mix(x: bigint): bigint {
  x = BigInt.asUintN(64, x + 0x9e3779b97f4a7c15n);
  x = BigInt.asUintN(64, (x ^ (x >> 30n)) * 0xbf58476d1ce4e5b9n);
  x = BigInt.asUintN(64, (x ^ (x >> 27n)) * 0x94d049bb133111ebn);
  return x ^ (x >> 31n);
}

/** Return the key of a purpose and some whole numbers, for the seed of a run. */
export function key(seed: number, purpose: string, ...numbers: number[]): bigint {
  const first = mix((BigInt(seed) & SEED_BITS) ^ BigInt(crc32(purpose)));
  return numbers.reduce((value, number) => mix(value ^ BigInt.asUintN(64, BigInt(number))), first);
}

/** Return a number in [0, 1): the `counter`-th draw of a key, from the top 53 bits. */
export function uniform(key: bigint, counter: number): number {
  return Number(mix(key ^ mix(BigInt(counter))) >> 11n) * 2 ** -53;
}

/** Return the checksum of a text of ASCII, as zip files have it. */
function crc32(text: string): number {
  let sum = -1;
  for (let at = 0; at < text.length; at++) {
    sum ^= text.charCodeAt(at);
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}
