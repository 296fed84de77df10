import Linux

/// A registry that does to its clients what networks, broken servers and attackers do: what exactly says the repository's name. It listens
/// on 127.0.0.1:5999, and on :5998 as "another host" that nobody's credentials should ever reach.
final class WickedRegistry {
    static let host = "127.0.0.1:5999"
    private let process: RunningCommand
    private let installation: Installation

    init(_ installation: Installation) throws {
        self.installation = installation
        let script = "\(installation.directory)/wicked.py"
        try FileSystem.replace(script, with: Array(Self.program.utf8))
        process = try RunningCommand(
            ["/usr/bin/python3", script, "\(installation.directory)/wicked.log"], environment: ["PATH=/usr/bin:/bin"], withInput: false,
            network: installation.network)
        try process.wait(forOutput: "ready")
    }

    /// Every request: method, path, `Range` and `Authorization`.
    func requests() throws -> [String] {
        String(decoding: try FileSystem.read("\(installation.directory)/wicked.log"), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private static let program = #"""
        import gzip, hashlib, io, itertools, json, random, struct, subprocess, sys, tarfile, threading, time
        from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
        log = open(sys.argv[1], "a", buffering=1)
        rng = random.Random(7)
        def sha(b): return "sha256:" + hashlib.sha256(b).hexdigest()
        def tar(files):
            out = io.BytesIO()
            with tarfile.open(fileobj=out, mode="w") as t:
                for name, data in files:
                    info = tarfile.TarInfo(name); info.size = len(data); t.addfile(info, io.BytesIO(data))
            return out.getvalue()
        plain = tar([("etc/hello", b"hello\n"), ("etc/noise", rng.randbytes(1 << 20))])
        second = tar([("etc/more", rng.randbytes(1 << 19))])
        layers = [gzip.compress(plain, 1), gzip.compress(second, 1)]
        M = "application/vnd.docker.distribution.manifest.v2+json"; I = "application/vnd.docker.distribution.manifest.list.v2+json"
        OM = "application/vnd.oci.image.manifest.v1+json"; OI = "application/vnd.oci.image.index.v1+json"
        def image(arch="amd64", variant=None, layers=layers, tars=(plain, second), sizes=None, types=None, urls=None, ctype="application/vnd.docker.container.image.v1+json"):
            c = {"architecture": arch, "os": "linux", "config": {"Cmd": ["/bin/sh"]}, "rootfs": {"type": "layers", "diff_ids": [sha(t) for t in tars]}}
            if variant: c["variant"] = variant
            c = json.dumps(c).encode()
            m = json.dumps({"schemaVersion": 2, "mediaType": M,
                "config": {"mediaType": ctype, "size": len(c), "digest": sha(c)},
                "layers": [{"mediaType": t, "size": s or len(l), "digest": sha(l), **({"urls": [u + sha(l)]} if u else {})}
                    for l, s, t, u in itertools.zip_longest(layers, sizes or [], types or ["application/vnd.docker.image.rootfs.diff.tar.gzip"] * len(layers), urls or [])]}).encode()
            return c, m
        blobs = {sha(l): l for l in layers}
        manifests = {}
        config, manifest = image(); blobs[sha(config)] = config; manifests[sha(manifest)] = (M, manifest)
        entries = []
        for arch, variant in [("amd64", None), ("arm64", None), ("arm", "v7"), ("arm", "v6"), ("386", None), ("ppc64le", None), ("s390x", None)]:
            c, m = image(arch, variant); blobs[sha(c)] = c; manifests[sha(m)] = (M, m)
            p = {"os": "linux", "architecture": arch}
            if variant: p["variant"] = variant
            entries.append({"mediaType": M, "size": len(m), "digest": sha(m), "platform": p})
        index = json.dumps({"schemaVersion": 2, "mediaType": I, "manifests": entries}).encode(); manifests[sha(index)] = (I, index)
        # An image with a statement about it that is large enough to be cut.
        statement = b'{"_type":"https://in-toto.io/Statement/v0.1","noise":"' + rng.randbytes(200000).hex().encode() + b'"}'; empty = b"{}"
        proof = json.dumps({"schemaVersion": 2, "mediaType": OM, "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "size": 2, "digest": sha(empty)},
            "layers": [{"mediaType": "application/vnd.in-toto+json", "size": len(statement), "digest": sha(statement)}]}).encode()
        blobs[sha(empty)] = empty; blobs[sha(statement)] = statement; manifests[sha(proof)] = (OM, proof)
        attested = json.dumps({"schemaVersion": 2, "mediaType": OI, "manifests": [
            {"mediaType": M, "size": len(manifest), "digest": sha(manifest), "platform": {"os": "linux", "architecture": "amd64"}},
            {"mediaType": OM, "size": len(proof), "digest": sha(proof), "platform": {"os": "unknown", "architecture": "unknown"},
             "annotations": {"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": sha(manifest)}}]}).encode()
        manifests[sha(attested)] = (OI, attested); log.write(f"statement {sha(statement)}\n")
        wrongsize = image(sizes=[len(layers[0]) + 5, None])[1]; manifests[sha(wrongsize)] = (M, wrongsize)
        shortsize = image(sizes=[len(layers[0]) - 5, None])[1]; manifests[sha(shortsize)] = (M, shortsize)
        swapped = image(tars=(second, plain))
        blobs[sha(swapped[0])] = swapped[0]; manifests[sha(swapped[1])] = (M, swapped[1])
        # Layers of every kind, under the name of the kind: made when the first of them is asked for.
        kinds = {}; elsewhere = {}; making = threading.Lock()
        def kinds_made():
            with making:
                if not kinds: make_kinds()
            return kinds
        def kind(name, blob, type, tar=plain, url=None, known=None, ctype="application/vnd.oci.image.config.v1+json"):
            many = blob if isinstance(blob, list) else [blob]
            c, m = image(layers=many, tars=tar if isinstance(tar, list) else [tar], types=[type] * len(many), urls=[url] * len(many), ctype=ctype)
            m = m.replace(M.encode(), OM.encode(), 1)
            for b in many: (blobs if known is None else known)[sha(b)] = b
            blobs[sha(c)] = c; kinds[name] = (OM, m); manifests[sha(m)] = (OM, m)
        def make_kinds():
            L = "application/vnd.oci.image.layer.v1.tar"
            def zstd(data, *options): return subprocess.run(["zstd", "-q", "-c", *options], input=data, stdout=subprocess.PIPE, check=True).stdout
            pieces = [plain[i:i + 40000] for i in range(0, len(plain), 40000)]
            toc = tar([("stargz.index.json", b'{"version":1,"entries":[]}')]); toctar = plain[:-1024].rstrip(b"\0"); toctar += bytes(-len(toctar) % 512) + toc
            # eStargz: a member for each piece, the table of contents, and an empty member whose extra field says where that is.
            footer = b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x1a\0SG\x16\0" + b"0" * 16 + b"STARGZ" + b"\x01\0\0\xff\xff" + bytes(8)
            kind("estargz", b"".join(gzip.compress(toctar[i:i + 40000]) for i in range(0, len(toctar), 40000)) + footer, L + "+gzip", tar=toctar)
            kind("plain-tar", plain, L); kind("zstd", zstd(plain), L + "+zstd"); kind("zstd-unchecked", zstd(plain, "--no-check", "-19"), L + "+zstd")
            # zstd:chunked: frames, and the table of contents in frames that readers skip.
            skip = lambda data: struct.pack("<II", 0x184D2A50, len(data)) + data
            kind("zstd-chunked", b"".join(zstd(p, "--no-check") for p in pieces) + skip(zstd(b'{"version":1}')) + skip(bytes(40) + b"GNUlInUx"), L + "+zstd")
            kind("zstd-cut", zstd(plain, "--no-check")[:-9], L + "+zstd"); kind("gzip-cut", gzip.compress(plain)[:-9], L + "+gzip")
            kind("bzip2", __import__("bz2").compress(plain), L + "+gzip"); kind("encrypted", plain, L + "+gzip+encrypted")
            kind("foreign", gzip.compress(plain, 3), "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", url="http://127.0.0.1:5998/elsewhere/", known=elsewhere)
            kind("nondistributable", gzip.compress(plain, 2), "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", url="http://127.0.0.1:5998/elsewhere/", known=elsewhere)
            tiny = [tar([(f"layer/{i}", b"x")]) for i in range(501)]
            kind("layers130", tiny[:130], L, tar=tiny[:130]); kind("layers501", tiny, L, tar=tiny)
            kind("artifact", b"chart", "application/vnd.cncf.helm.chart.content.v1.tar+gzip", ctype="application/vnd.cncf.helm.config.v1+json")
            kind("plugin", gzip.compress(plain), L + "+gzip", ctype="application/vnd.docker.plugin.v1+json")
        counts = {}
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def log_message(self, *a): pass
            def reply(self, status, body=b"", kind="application/json", **headers):
                self.send_response(status)
                self.send_header("Content-Type", kind); self.send_header("Content-Length", str(len(body)))
                for k, v in headers.items(): self.send_header(k.replace("_", "-"), v)
                self.end_headers()
                if self.command != "HEAD": self.wfile.write(body)
            def fail(self, status, code, text, **h): self.reply(status, json.dumps({"errors": [{"code": code, "message": text}]}).encode(), **h)
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                if self.path == "/token": log.write(f"POST {self.path} {body}\n")
                if self.path == "/token": return self.reply(200 if "refresh_token=refresh" in body else 401, b'{"access_token":"good","expires_in":300}')
                self.take(b"")
            def do_PUT(self): self.take(self.rfile.read(int(self.headers.get("Content-Length", 0))))
            def take(self, body):
                # Pushes to it are sent on to "another host".
                log.write(f"{self.command} {self.path} {len(body)} {self.headers.get('Authorization')} {self.server.server_port}\n")
                if self.server.server_port == 5999 and self.headers.get("Authorization") != "Bearer good": return self.challenge("repository:push/token:pull,push")
                if "/uploads/" in self.path and self.command == "POST": return self.reply(202, Location="http://127.0.0.1:5998" + self.path + "there")
                self.reply(201, Docker_Content_Digest=sha(body))
            def do_HEAD(self): self.do_GET()
            def do_GET(self):
                log.write(f"{self.command} {self.path} {self.headers.get('Range')} {self.headers.get('Authorization')} {self.server.server_port}\n")
                if self.path == "/login": counts["login"] = 1; return self.reply(200)
                if self.path == "/v2/": return self.challenge() if self.server.server_port == 5999 and self.headers.get("Authorization") is None and "login" in counts else self.reply(200, b"{}")
                if self.path.startswith("/token"):
                    import base64
                    if self.headers.get("Authorization") == "Basic " + base64.b64encode(b"me:secret").decode(): return self.reply(200, b'{"token":"good","refresh_token":"refresh"}')
                    return self.reply(401, b'{"details":"incorrect username or password"}')
                parts = self.path.split("?")[0].split("/")
                if parts[1] == "elsewhere": return self.reply(200, elsewhere[parts[2]], "application/octet-stream")
                name, kind, ref = "/".join(parts[2:-2]), parts[-2], parts[-1]
                mode = name.split("/")[-1]
                n = counts[self.path + self.command] = counts.get(self.path + self.command, 0) + 1
                if mode.startswith("token") and self.server.server_port == 5999 and self.headers.get("Authorization") != "Bearer good": return self.challenge(f"repository:{name}:pull")
                if mode == "theft": return self.reply(401, b"{}", WWW_Authenticate='Bearer realm="https://evil.example/token",service="x"')
                if mode == "theft-http": return self.reply(401, b"{}", WWW_Authenticate='Bearer realm="http://10.1.2.3/token",service="x"')
                if mode == "basic" and not (self.headers.get("Authorization") or "").startswith("Basic "): return self.reply(401, b"{}", WWW_Authenticate='Basic realm="x"')
                if mode == "busy" and n <= 2: return self.fail(503, "UNAVAILABLE", "later")
                if mode == "later" and n <= 1: return self.fail(429, "TOOMANYREQUESTS", "slow down", Retry_After="0")
                if mode == "limited": return self.fail(429, "TOOMANYREQUESTS", "You have reached your pull rate limit.", Retry_After="7200", RateLimit_Limit="100;w=21600", RateLimit_Remaining="0;w=21600")
                if mode == "denied": return self.fail(403, "DENIED", "requested access to the resource is denied")
                if name == "push/token" and kind == "blobs": return self.fail(404, "BLOB_UNKNOWN", "blob unknown to registry")
                if kind == "tags": return self.reply(200, json.dumps({"name": name, "tags": ["latest", "b", "a/../../x"]}).encode())
                if kind == "manifests": return self.manifest(name, mode, ref)
                self.blob(mode, ref, n)
            def challenge(self, scope=""):
                self.reply(401, b"{}", WWW_Authenticate=f'Bearer realm="http://127.0.0.1:5999/token",service="wicked",scope="{scope}"')
            def manifest(self, name, mode, ref):
                pick = {"index": (I, index), "long": (M, wrongsize), "short": (M, shortsize), "swapped": (M, swapped[1]), **(kinds_made() if "kind" in name else {})}.get(mode, (OI, attested) if name.startswith("attested/") else (M, manifest))
                if ref.startswith("sha256:"): pick = manifests.get(ref, pick)
                kind, body = pick
                if mode == "lies": body = manifests[sha(index)][1]; return self.reply(200, body, M, Docker_Content_Digest=sha(body))
                if mode == "both":
                    body = json.dumps({**json.loads(manifest), "manifests": entries}).encode(); return self.reply(200, body, M, Docker_Content_Digest=sha(body))
                if mode == "changed": return self.reply(200, body + b" ", kind, Docker_Content_Digest=sha(body))
                if mode == "deep": body = b'{"schemaVersion":2,"x":' + b"[" * 100000 + b"]" * 100000 + b"}"; return self.reply(200, body, M, Docker_Content_Digest=sha(body))
                if mode == "huge": return self.reply(200, b" " * (5 << 20), M, Docker_Content_Digest=sha(body))
                if mode == "old": body = b'{"schemaVersion":1,"name":"x","tag":"latest","fsLayers":[]}'; return self.reply(200, body, "application/vnd.docker.distribution.manifest.v1+prettyjws", Docker_Content_Digest=sha(body))
                if mode == "noise": body = rng.randbytes(500); return self.reply(200, body, M, Docker_Content_Digest=sha(body))
                if mode == "endless-manifest": return self.endless()
                self.reply(200, body, kind, Docker_Content_Digest=sha(body))
            def endless(self, begin=b""):
                self.send_response(200); self.send_header("Content-Type", M); self.send_header("Transfer-Encoding", "chunked"); self.end_headers()
                if self.command == "HEAD": return
                try:
                    if begin: self.wfile.write(b"%x\r\n" % len(begin) + begin + b"\r\n")
                    while True: self.wfile.write(b"10000\r\n" + b" " * 65536 + b"\r\n")
                except OSError: self.close_connection = True
            def blob(self, mode, ref, n):
                body = blobs.get(ref)
                if body is None: return self.fail(404, "BLOB_UNKNOWN", "blob unknown to registry")
                if len(body) < 4096: return self.reply(200, body, "application/octet-stream")
                if mode == "loop": return self.reply(307, b"", Location=self.path)
                if mode.endswith("elsewhere") and self.server.server_port == 5999: return self.reply(307, b"", Location=f"http://127.0.0.1:5998{self.path}")
                if mode == "missing": return self.fail(404, "BLOB_UNKNOWN", "blob unknown to registry")
                if mode == "corrupt": body = body[:1000] + bytes([body[1000] ^ 1]) + body[1001:]
                if mode == "endless": return self.endless(body)
                start = 0; wanted = self.headers.get("Range")
                if wanted and mode not in ("norange",): start = int(wanted[6:].split("-")[0])
                if mode == "otherpart" and wanted: start += 7
                rest = body[start:]
                self.send_response(206 if start else 200); self.send_header("Content-Type", "application/octet-stream")
                self.send_header("Content-Length", str(len(rest)))
                if start: self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
                self.end_headers()
                if self.command == "HEAD": return
                if mode in ("cut", "otherpart") or mode == "norange" and n <= 3 or mode == "once" and n <= 1:
                    self.wfile.write(rest[:max(1, rng.randrange(len(body) // (2 if mode in ("norange", "once") else 6)))]); self.wfile.flush(); self.close_connection = True; self.connection.close(); return
                if mode == "trickle":
                    for i in range(0, 20): self.wfile.write(rest[i * 100:(i + 1) * 100]); self.wfile.flush(); time.sleep(0.02)
                    self.wfile.write(rest[2000:]); return
                self.wfile.write(rest)
        other = ThreadingHTTPServer(("127.0.0.1", 5998), Handler); threading.Thread(target=other.serve_forever, daemon=True).start()
        main = ThreadingHTTPServer(("127.0.0.1", 5999), Handler)
        print("ready", flush=True)
        main.serve_forever()
        """#
}
