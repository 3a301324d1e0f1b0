/** Starts the page: what it shows first, before the model has been read. */

import { mount } from "svelte";
import App from "./App.svelte";
import "./page.css";

// A browser that asks for trusted types lets nothing but the worker's own address pass; markup from text never does.
type Policies = { createPolicy(name: string, rules: { createScriptURL(address: string): string }): unknown };
(globalThis as { trustedTypes?: Policies }).trustedTypes?.createPolicy("default", {
  createScriptURL: (address) => {
    if (address.startsWith("blob:")) return address;
    throw new TypeError(`no script is loaded from ${address}`);
  },
});

mount(App, { target: document.getElementById("page")! });
