// SPDX-License-Identifier: Apache-2.0

import { isRoot, type Route, type Setup } from './proxy.ts';

/** Longer than the receive buffer of a device, and together many kilobytes. */
const LONG = 'x'.repeat(700);
/** What is measured gets an answer within so many seconds, or 504. */
export const MEASUREMENT_TIMEOUT_S = 2;

function nginx(title: string, lines: { http: string; upstream: string; server: string }): Setup {
  return {
    program: 'nginx',
    title,
    reload: 'SIGHUP',
    arguments: (file, directory) => ['-p', directory, '-c', file, '-e', `${directory}/error.log`, '-g', 'daemon off;'],
    configuration: ({ port, behind: [first], directory }) => `
      ${isRoot ? 'user root;' : ''}
      worker_processes 1;
      pid nginx.pid;
      events {}
      http {
        access_log off;
        ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${directory}/${name};`).join(' ')}
        ${lines.http}
        upstream platform { server 127.0.0.1:${first} max_fails=0; ${lines.upstream} }
        server {
          listen 127.0.0.1:${port};
          ${lines.server}
          proxy_set_header Host 127.0.0.1:${first};
          location / { proxy_pass http://platform; }
          location /measurement { proxy_pass http://platform; proxy_read_timeout ${MEASUREMENT_TIMEOUT_S}s; }
        }
      }`,
  };
}

function haproxy(): Setup {
  return {
    program: 'haproxy',
    title: 'two servers, sticky cookies, compression, connections that are kept for a second',
    sticky: true,
    reload: 'SIGUSR2',
    arguments: (file) => ['-W', '-db', '-f', file],
    configuration: ({ port, behind }) => `
defaults
  mode http
  timeout connect 2s
  timeout client 90s
  timeout server 90s
  timeout http-keep-alive 1s
  compression algo gzip
  compression type application/json
frontend devices
  bind 127.0.0.1:${port}
  http-request set-header Host 127.0.0.1:${behind[0]}
  http-response add-header X-Long ${LONG}
  use_backend measurements if { path_beg /measurement }
  default_backend platform
${['platform', 'measurements']
  .map(
    (name) => `backend ${name}
  balance roundrobin
  cookie SRV insert indirect nocache httponly
  ${name === 'measurements' ? `timeout server ${MEASUREMENT_TIMEOUT_S}s` : ''}
${behind.map((each, i) => `  server s${i} 127.0.0.1:${each} cookie node-${i}-${'0123456789abcdef'.repeat(10)}`).join('\n')}`,
  )
  .join('\n')}
`,
  };
}

const MODULES = [
  'mpm_event',
  'authz_core',
  'env',
  'setenvif',
  'headers',
  'filter',
  'deflate',
  'proxy',
  'proxy_http',
  'proxy_balancer',
  'slotmem_shm',
  'lbmethod_byrequests',
];

function apache(title: string, lines: string, options: Pick<Setup, 'sticky' | 'compresses'>): Setup {
  return {
    ...options,
    program: 'apache2',
    title,
    reload: 'SIGUSR1',
    arguments: (file, directory) => ['-d', directory, '-f', file, '-DFOREGROUND'],
    configuration: ({ port, behind, directory }: Route) => `
ServerName 127.0.0.1
Listen 127.0.0.1:${port}
PidFile ${directory}/apache.pid
DefaultRuntimeDir ${directory}
Mutex file:${directory}
ErrorLog ${directory}/error.log
${MODULES.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
${isRoot ? 'User www-data\nGroup www-data' : ''}
${lines}
Header always add X-Long "${LONG}"
Header add Set-Cookie "ROUTEID=.%{BALANCER_WORKER_ROUTE}e; path=/; HttpOnly" env=BALANCER_ROUTE_CHANGED
<Proxy balancer://platform>
${behind.map((each, i) => `  BalancerMember http://127.0.0.1:${each} route=node${i} retry=0`).join('\n')}
  ProxySet stickysession=ROUTEID
</Proxy>
ProxyPass /measurement http://127.0.0.1:${behind[0]}/measurement timeout=${MEASUREMENT_TIMEOUT_S} retry=0
ProxyPass / balancer://platform/
`,
  };
}

export const SETUPS: readonly Setup[] = [
  // Its heads wait until there are 1,460 bytes to send: that of a poll comes with its end.
  nginx('buffers, HTTP/1.0 behind, gzip for who takes it, three requests a connection', {
    http: 'gzip on; gzip_types *; gzip_proxied any; gzip_min_length 1; keepalive_timeout 2s; keepalive_requests 3;',
    upstream: '',
    server: '',
  }),
  nginx('nothing buffered, connections kept on both sides, long headers', {
    http: 'proxy_buffering off; proxy_http_version 1.1; keepalive_timeout 60s;',
    upstream: 'keepalive 4;',
    server: `proxy_set_header Connection ""; ${Array.from({ length: 8 }, (_, i) => `add_header X-Long-${i} ${LONG} always;`).join(' ')}`,
  }),
  haproxy(),
  apache(
    'two servers, sticky cookies, compression unless it is asked away, HTTP/1.0 behind, connections of two seconds',
    `KeepAliveTimeout 2
MaxKeepAliveRequests 5
SetOutputFilter DEFLATE
SetEnvIf Accept-Encoding ^$ force-gzip
SetEnv force-proxy-request-1.0 1
SetEnv proxy-nokeepalive 1`,
    { sticky: true, compresses: true },
  ),
];
