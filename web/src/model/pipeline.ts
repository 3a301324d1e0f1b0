/**
 * Which family wrote a tokenizer.json: everything in it but the vocabulary and the merges is fixed for a family, and a
 * file in which any of it is otherwise would be cut otherwise, so it is refused.
 */

import { BLANK, SPECIALS, UNK } from "./spelling.ts";
import { type Table, isTable } from "./settings.ts";
import { INSIDE, LONGEST } from "./words.ts";

export type Kind = "bpe" | "byte_bpe" | "unigram" | "wordpiece" | "character" | "word" | "tokens";

const replaced = (string: string, content: string) => ({ type: "Replace", pattern: { String: string }, content });
const taken = (pattern: string) => ({ type: "Replace", pattern: { Regex: pattern }, content: "" });
const sequence = (...decoders: Table[]) => ({ type: "Sequence", decoders });

const METASPACE = { type: "Metaspace", replacement: BLANK, prepend_scheme: "never", split: true };
const PREPEND = { type: "Prepend", prepend: BLANK };
const STRIP = { type: "Strip", content: " ", start: 1, stop: 0 };
const BYTE_LEVEL = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true };

const PLAIN = {
  version: "1.0",
  truncation: null,
  padding: null,
  added_tokens: [],
  normalizer: PREPEND,
  pre_tokenizer: METASPACE,
  post_processor: null,
  decoder: sequence(replaced(BLANK, " "), { type: "ByteFallback" }, { type: "Fuse" }, STRIP),
};
const PAIRS = {
  type: "BPE",
  dropout: null,
  unk_token: SPECIALS[UNK],
  continuing_subword_prefix: null,
  end_of_word_suffix: null,
  fuse_unk: true,
  byte_fallback: true,
  ignore_merges: false,
};

/** All of a file but vocabulary and merges, by family. */
const FILES: Record<Kind, Table> = {
  bpe: { ...PLAIN, model: PAIRS },
  byte_bpe: {
    ...PLAIN,
    normalizer: null,
    pre_tokenizer: BYTE_LEVEL,
    decoder: BYTE_LEVEL,
    model: { ...PAIRS, unk_token: null, fuse_unk: false, byte_fallback: false },
  },
  unigram: {
    ...PLAIN,
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [METASPACE, { type: "Split", pattern: { String: "<" }, behavior: "Isolated", invert: false }],
    },
    model: { type: "Unigram", unk_id: UNK, byte_fallback: true },
  },
  character: {
    ...PLAIN,
    normalizer: replaced(" ", BLANK),
    pre_tokenizer: null,
    decoder: sequence(replaced(BLANK, " "), { type: "ByteFallback" }, { type: "Fuse" }),
    model: PAIRS,
  },
  wordpiece: {
    ...PLAIN,
    normalizer: {
      type: "BertNormalizer",
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: false,
      lowercase: false,
    },
    pre_tokenizer: { type: "BertPreTokenizer" },
    decoder: sequence(
      { type: "WordPiece", prefix: INSIDE, cleanup: false },
      { type: "Fuse" },
      taken(" (?=[.,;:!?%)\\]}»”’…])"),
      taken("(?<=[(\\[{«„“‚¿¡]) "),
      taken("(?<=[^\\W\\d_]) (?=['’-] [^\\W\\d_])"),
      taken("(?<=[^\\W\\d_]['’-]) (?=[^\\W\\d_])"),
      taken("(?<=\\d[.,:]) (?=\\d)"),
    ),
    model: {
      type: "WordPiece",
      unk_token: SPECIALS[UNK],
      continuing_subword_prefix: INSIDE,
      max_input_chars_per_word: LONGEST,
    },
  },
  word: {
    ...PLAIN,
    normalizer: { type: "Sequence", normalizers: [PREPEND, replaced(" ", BLANK)] },
    pre_tokenizer: {
      type: "Split",
      pattern: {
        Regex:
          "(?<=\\p{L})['’][\\p{L}\\p{M}]+" +
          `|${BLANK}?[^\\s${BLANK}\\p{P}\\p{S}]+` +
          `|${BLANK}?(?!${BLANK})[\\p{P}\\p{S}\\s]` +
          `|${BLANK}`,
      },
      behavior: "Isolated",
      invert: false,
    },
    decoder: sequence(replaced(BLANK, " "), { type: "Fuse" }, STRIP),
    model: { type: "WordLevel", unk_token: SPECIALS[UNK] },
  },
  tokens: {
    ...PLAIN,
    normalizer: null,
    pre_tokenizer: { type: "Split", pattern: { Regex: "[\\s\\S]" }, behavior: "Isolated", invert: false },
    decoder: { type: "Fuse" },
    model: { type: "WordLevel", unk_token: SPECIALS[UNK] },
  },
};
const BY_BLANKS: Table = { ...FILES.tokens, pre_tokenizer: { type: "WhitespaceSplit" }, decoder: null };

/** Return the family whose file this is; throws an Error for a file that dragoman did not write. */
export function kindOf(file: Table): Kind {
  if (isTable(file["model"]) && file["model"]["type"] === "SentencePiece") {
    throw new Error("its SentencePiece model of another hand is not read here; dragoman serve reads it");
  }
  const { vocab: _vocab, merges: _merges, ...model } = isTable(file["model"]) ? file["model"] : {};
  const given = canonical({ ...file, model });
  const found = [...Object.entries(FILES), ["tokens", BY_BLANKS] as const].find(
    ([, written]) => canonical(written) === given,
  );
  if (found) return found[0] as Kind;
  throw new Error(`its settings are of no family that is known here: ${Object.keys(FILES).join(", ")}`);
}

/** Return a JSON value as text that does not depend on the order of names. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (!isTable(value)) return JSON.stringify(value);
  const entries = Object.entries(value).map(([name, own]) => `${JSON.stringify(name)}:${canonical(own)}`);
  return `{${entries.sort().join()}}`;
}
