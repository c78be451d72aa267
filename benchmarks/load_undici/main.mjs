//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//
// Load generator for undici's pool, which only collects the bytes.

import { createReadStream, readFileSync, statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { buildConnector, Pool } from 'undici';

const blockSize = 128 * 1024;

function parse() {
    const { values } = parseArgs({
        options: {
            'url': { type: 'string' },
            'ca-file': { type: 'string' },
            'operation': { type: 'string', default: 'view_image' },
            'id': { type: 'string', default: '1' },
            'username': { type: 'string', default: '' },
            'password': { type: 'string', default: '' },
            'concurrency': { type: 'string', default: '1' },
            'connections': { type: 'string', default: '0' },
            'requests': { type: 'string', default: '0' },
            'duration': { type: 'string', default: '0' },
            'warmup': { type: 'string', default: '0' },
            'size': { type: 'string', default: String(50 * 1024) },
            'file': { type: 'string' },
            'cold': { type: 'boolean', default: false },
            'threads': { type: 'string', default: '1' },
            'json': { type: 'boolean' },
        },
    });
    const numbers = ['concurrency', 'connections', 'requests', 'duration', 'warmup', 'size', 'threads'];
    for (const name of numbers) {
        values[name] = Number(values[name]);
    }
    const known = ['view_image', 'get_image_content', 'upload_temp_image'];
    if (!values.url || !known.includes(values.operation) || values.threads !== 1 || !(values.concurrency >= 1) ||
        numbers.some((name) => !(values[name] >= 0))) {
        throw new Error('a URL, a known operation, good numbers and one thread are needed');
    }
    values.connections ||= values.concurrency;
    if (values.requests === 0 && values.duration === 0) {
        values.requests = 1000;
    }
    if (values.file !== undefined) {
        values.size = statSync(values.file).size;
    }
    return values;
}

let options;
try {
    options = parse();
} catch (error) {
    console.error(`load-undici: ${error.message}`);
    process.exit(2);
}

const base = new URL(options.url);
let opened = 0;
let resumed = 0;
const connect = buildConnector({ ca: options['ca-file'] && readFileSync(options['ca-file']), allowH2: false });
const pool = new Pool(base.origin, {
    connections: options.connections,
    pipelining: 1,
    connect(parameters, done) {
        connect(parameters, (error, socket) => {
            if (!error) {
                ++opened;
                resumed += socket.isSessionReused?.() ? 1 : 0;
            }
            done(error, socket);
        });
    },
});

const [method, path, accept] = {
    view_image: ['GET', `/images/${options.id}`, 'application/json'],
    get_image_content: ['GET', `/images/content/${options.id}`, 'image/*, application/json;q=0.9'],
    upload_temp_image: ['POST', '/images/temp', 'text/plain, application/json;q=0.9'],
}[options.operation];
const headers = { 'user-agent': 'load-undici', accept };
if (options.username) {
    headers.authorization = `Basic ${Buffer.from(`${options.username}:${options.password}`).toString('base64')}`;
}

// FormData accepts files of Node and blobs, and sends them chunked: the framing is written here.
const boundary = 'load-undici-0123456789abcdef';
const opening = Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="image"; filename="load.png"\r\n` +
    'Content-Type: image/png\r\n\r\n');
const closing = Buffer.from(`\r\n--${boundary}--\r\n`);
if (options.operation === 'upload_temp_image') {
    headers['content-type'] = `multipart/form-data; boundary=${boundary}`;
    headers['content-length'] = String(opening.length + options.size + closing.length);
}

// Arbitrary bytes: any content of the block will do.
const block = Buffer.alloc(blockSize);
function* pattern() {
    for (let left = options.size; left > 0; left -= blockSize) {
        yield left < blockSize ? block.subarray(0, left) : block;
    }
}

async function* form() {
    yield opening;
    yield* options.file === undefined ? pattern() : createReadStream(options.file, { highWaterMark: blockSize });
    yield closing;
}

async function one() {
    const body = options.operation === 'upload_temp_image' ? form() : undefined;
    const answer = await pool.request({ method, path: base.pathname + path, headers, body, reset: options.cold });
    let bytes = 0;
    if (options.operation === 'get_image_content') {
        for await (const chunk of answer.body) {
            bytes += chunk.length;
        }
    } else {
        bytes = (await answer.body.arrayBuffer()).byteLength;
    }
    if (Math.floor(answer.statusCode / 100) !== 2) {
        throw new Error(`status ${answer.statusCode}`);
    }
    return method === 'POST' ? options.size : bytes;
}

let left = 0;
let end = Infinity;
let latencies = [];
let errors = 0;
let bytes = 0;
let complained = false;

function take() {
    return left-- > 0 && (end === Infinity || performance.now() < end);
}

async function work() {
    while (take()) {
        const begin = performance.now();
        try {
            const moved = await one();
            bytes += moved;
            latencies.push((performance.now() - begin) * 1000);
        } catch (error) {
            ++errors;
            if (!complained) {
                complained = true;
                console.error(`load-undici: ${error.message}`);
            }
        }
    }
}

async function run(requests, seconds) {
    left = requests > 0 ? requests : Infinity;
    end = seconds > 0 ? performance.now() + seconds * 1000 : Infinity;
    await Promise.all(Array.from({ length: options.concurrency }, work));
}

// Not maxRSS, which a process inherits: it would be that of a large parent process.
function maxRss() {
    try {
        return Number(readFileSync('/proc/self/status', 'latin1').match(/VmHWM:\s*(\d+)/)[1]);
    } catch {
        return null;
    }
}

if (options.warmup > 0) {
    await run(options.warmup, 0);
}
latencies = [];
errors = 0;
bytes = 0;
const cpuBegin = process.cpuUsage();
const begin = performance.now();
await run(options.requests, options.duration);
const wall = (performance.now() - begin) / 1000;
const used = process.cpuUsage(cpuBegin);
const cpu = (used.user + used.system) / 1e6;

const sorted = Float64Array.from(latencies).sort();
const requests = sorted.length;
const percentile = (part) => requests && Math.floor(sorted[Math.max(Math.ceil(part * requests), 1) - 1]);
console.log(JSON.stringify({
    client: 'undici',
    operation: options.operation,
    concurrency: options.concurrency,
    connections: options.connections,
    requests,
    errors,
    bytes,
    wall_s: wall,
    cpu_s: cpu,
    rps: wall > 0 ? requests / wall : 0,
    cpu_us_per_request: requests > 0 ? cpu * 1e6 / requests : 0,
    latency_us: {
        p50: percentile(0.5),
        p90: percentile(0.9),
        p99: percentile(0.99),
        p999: percentile(0.999),
        max: percentile(1),
    },
    max_rss_kib: maxRss(),
    connections_opened: opened,
    handshakes_resumed: resumed,
}));
await pool.destroy();
