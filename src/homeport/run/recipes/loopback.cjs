// Keeps what a Node.js process listens to on loopback, whatever its code asks for.
//
// Loaded before the program, by NODE_OPTIONS. Servers for TCP listen at 127.0.0.1 unless another
// address of loopback is asked for by number; unix sockets and descriptors are left alone. Also
// `localhost` becomes 127.0.0.1: here it may mean ::1, where nobody would look for the service.
"use strict";

const net = require("node:net");

const ADDRESS = "127.0.0.1";
const isLoopback = (host) =>
  (net.isIPv4(host) && host.startsWith("127.")) || (net.isIPv6(host) && host === "::1");
const isPort = (value) => typeof value !== "string" || Number(value) >= 0;
const last = (values) => values[values.length - 1];

function asOptions(args) {
  const first = args[0];
  if (typeof first === "object" && first !== null) {
    return first;
  }
  const host = typeof args[1] === "string" ? args[1] : undefined;
  const backlog = [args[1], args[2]].find((value) => typeof value === "number");
  return { port: typeof first === "function" ? undefined : first, host, backlog };
}

// Without a port it is a handle, or a mistake that node tells of.
const concernsUs = (options) =>
  "port" in options &&
  options.path === undefined &&
  options.fd === undefined &&
  options._handle === undefined &&
  options.handle === undefined;

const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function listenOnLoopback(...args) {
  const isPath = typeof args[0] === "string" && !isPort(args[0]);
  const options = isPath ? undefined : asOptions(args);
  if (!options || !concernsUs(options)) {
    return listen.apply(this, args);
  }
  const host = isLoopback(options.host ?? "") ? options.host : ADDRESS;
  const port = options.port ?? 0;
  const callback = typeof last(args) === "function" ? [last(args)] : [];
  return listen.call(this, { ...options, port, host }, ...callback);
};
