/** Reading a port number as typed. Pure. */
export type Port =
  { readonly ok: true; readonly port: number } | { readonly ok: false; readonly problem: string }

export function parsePort(text: string): Port {
  const digits = text.trim()
  const port = Number(digits)
  if (!/^\d+$/.test(digits) || port < 1 || port > 65535)
    return { ok: false, problem: 'A port is a whole number from 1 to 65535.' }
  return { ok: true, port }
}
