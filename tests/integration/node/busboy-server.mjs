//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Responds to uploads as the API does, and returns under /last the parts that
// busboy, an independent parser, found in them. Listens on a free port and
// prints it: "PORT 12345".

import busboy from 'busboy';
import {createHash} from 'node:crypto';
import {createServer} from 'node:http';
import {pipeline} from 'node:stream/promises';

let last = null;
let uploads = 0;

/** Reads a file part to its end, holding none of it. */
async function digest(field, file, {filename, mimeType}) {
    const hash = createHash('sha256');
    let size = 0;
    for await (const chunk of file) {
        hash.update(chunk);
        size += chunk.length;
    }
    return {field, fileName: filename ?? null, mimeType, size, sha256: hash.digest('hex')};
}

/** The parts of a multipart request; rejects if it is not multipart or is incomplete. */
async function parseParts(request) {
    const parts = [];
    const parser = busboy({
        headers: request.headers,
        // The names as sent: in UTF-8, and including folders.
        defParamCharset: 'utf8',
        preservePath: true,
    });
    // The pipeline also reports a file that breaks off.
    parser.on('file', (field, file, info) => parts.push(digest(field, file, info).catch(() => null)));
    parser.on('field', (field, value, {mimeType}) =>
        parts.push({field, fileName: null, mimeType, size: Buffer.byteLength(value), sha256: null}));
    await pipeline(request, parser);
    return Promise.all(parts);
}

function answer(response, status, type, body, headers = {}) {
    response.writeHead(status, {'Content-Type': type, 'Content-Length': Buffer.byteLength(body), ...headers});
    response.end(body);
}

async function takeUpload(request, response, url) {
    try {
        const parts = await parseParts(request);
        last = {
            method: request.method,
            path: url.pathname,
            name: url.searchParams.get('name'),
            contentLength: request.headers['content-length'] ?? null,
            transferEncoding: request.headers['transfer-encoding'] ?? null,
            parts,
        };
        const id = String(++uploads);
        answer(response, 201, 'text/plain', id, {Location: `/images/content/${id}`});
    } catch (error) {
        answer(response, 400, 'application/json', JSON.stringify({code: 'general', message: error.message}));
    }
}

const server = createServer((request, response) => {
    const url = new URL(request.url, 'http://127.0.0.1');
    if (request.method === 'POST')
        takeUpload(request, response, url);
    else if (request.method === 'GET' && url.pathname === '/last')
        answer(response, 200, 'application/json', JSON.stringify(last));
    else
        answer(response, 404, 'application/json', '{}');
});
server.listen(0, '127.0.0.1', () => console.log(`PORT ${server.address().port}`));
