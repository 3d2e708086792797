/** The broker that a command is given as a URL. */
import { UsageError } from '../common/options.ts'

export interface BrokerAddress {
  readonly host: string
  readonly port: number
  readonly isTls: boolean
}

/** `instead`: the options that take user and password. Throws a UsageError. */
export function readBrokerUrl(text: string, instead: string): BrokerAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isTls = url?.protocol === 'mqtts:'
  if (!url || (!isTls && url.protocol !== 'mqtt:') || url.hostname === '') {
    throw new UsageError('--broker must be mqtt://HOST:PORT or mqtts://HOST:PORT.')
  }
  // A password on a command line is seen by everybody on the machine.
  if (url.username !== '' || url.password !== '') {
    throw new UsageError(`--broker takes no user and password: use ${instead}.`)
  }
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port) || (isTls ? 8883 : 1883),
    isTls,
  }
}
