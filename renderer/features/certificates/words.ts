/** The choices of the TLS lab, and what each means, in words. */
import type { ClientCertificateMode, ServerCertificateFault } from '../../../shared/contract/certificates.ts'

export interface ChoiceWords {
  readonly title: string
  readonly text: string
}

/** As `Choice` takes them. */
export const optionsOf = <T extends string>(words: Readonly<Record<T, ChoiceWords>>) =>
  (Object.entries(words) as [T, ChoiceWords][]).map(([id, { title, text }]) => [id, title, text] as const)

export const modeWords: Readonly<Record<ClientCertificateMode, ChoiceWords>> = {
  off: { title: 'Off', text: 'The bench asks for none: a device shows who it is by user name and password.' },
  optional: {
    title: 'Optional',
    text: 'A device may come without one; one that it shows must be good, and then stands for its password.',
  },
  required: {
    title: 'Required',
    text: 'Without a good certificate of this lab the handshake fails, before any MQTT packet.',
  },
}

export type Shown = 'right' | ServerCertificateFault

interface ShownWords extends ChoiceWords {
  /** What is wrong with it, after “The server certificate”. */
  readonly fault: string
  /** What an OBUSPA that refuses it, as it must, writes into its log. */
  readonly log?: string
}

export const shownWords: Readonly<Record<Shown, ShownWords>> = {
  right: { title: 'Right', fault: 'is right', text: 'It is what a device should find.' },
  expired: {
    title: 'Expired',
    fault: 'has expired',
    text: 'It ended yesterday; all else is right.',
    log: 'Cert validity time check failed',
  },
  'wrong-name': {
    title: 'Wrong name',
    fault: 'is made out to another name',
    text: 'It is made out to wrong.invalid; all else is right.',
    log: 'hostname mismatch (err_code=62)',
  },
  'foreign-authority': {
    title: 'Foreign authority',
    fault: 'is of a foreign authority',
    text: 'An authority that no device knows signed it; all else is right.',
    log: 'self-signed certificate in certificate chain (err_code=19)',
  },
  'self-signed': {
    title: 'Self-signed',
    fault: 'is signed by itself',
    text: 'No authority signed it, only its own key; all else is right.',
  },
}
