/**
 * Tests that cannot pass yet, by what they show, and why. They are left out of a run, and counted, unless
 * OKTOBENCH_NOT_YET is set.
 */
export const NOT_YET: ReadonlyMap<string, string> = new Map([
  [
    'a client that goes on sending meanwhile is not cut off before it could read why',
    'the socket is cut off as soon as DISCONNECT is written',
  ],
  [
    'no User Property makes CONNACK exceed it',
    'subscribe-topic stands in CONNACK, however small the packets of the client',
  ],
])
