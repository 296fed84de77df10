/// Scripts that make those whom a registry server trusts.
enum RegistryAuthorities {
    /// An authority, a server and a client: `server.crt`, `server.key`, and `certs/`, which is as a client's directory for a registry is.
    static let certificates = #"""
        make_key() { # KEY NAME, then what openssl req also gets
            key=$1 name=$2; shift 2
            openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout $key -subj /CN=$name "$@" 2>/dev/null
        }
        sign() { # CERTIFICATE KEY NAME
            make_key $2 $3 -out $3.csr; echo subjectAltName=IP:127.0.0.1 > $3.ext
            openssl x509 -req -in $3.csr -CA ca.crt -CAkey ca.key -days 2 -extfile $3.ext -out $1 2>/dev/null
        }
        make_key ca.key authority -x509 -days 2 -out ca.crt
        mkdir -p certs; sign server.crt server.key server; sign certs/client.cert certs/client.key client; cp ca.crt certs/
        """#

    /// Makes the key of a token server, and that of somebody else.
    static let keys = """
        openssl req -x509 -newkey rsa:2048 -nodes -keyout token.key -subj /CN=token -days 2 -out token.crt 2>/dev/null
        openssl genrsa -out other.key 2048 2>/dev/null
        python3 - > keys.json <<END
        import base64, json, subprocess
        def text(data): return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
        modulus = subprocess.run(["openssl", "rsa", "-in", "token.key", "-noout", "-modulus"], stdout=subprocess.PIPE).stdout.decode().strip().split("=")[1]
        key = {"kty": "RSA", "kid": "one", "use": "sig", "n": text(bytes.fromhex(modulus)), "e": "AQAB"}
        print(json.dumps({"keys": [{"kty": "oct", "k": "AAAA"}, {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}, key]}))
        END
        """

    /// In Python: `serve` answers on 127.0.0.1:5001 as distribution's docs/spec/auth/token.md says. Alice, whose password is `secret`, may
    /// do everything, others may pull `open/…`. `make CLAIMS` prints a token that differs from a good one by these claims.
    static let tokenServer = #"""
        import base64, http.server, json, subprocess, sys, time, urllib.parse

        def encoded(data):
            return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

        def token(access, key="token.key", algorithm="RS256", **claims):
            now = int(time.time())
            claims = {"iss": "issuer", "aud": "service", "sub": "alice", "nbf": now - 5, "exp": now + 300, "access": access} | claims
            parts = [encoded(json.dumps(part).encode()) for part in ({"alg": algorithm, "typ": "JWT"}, claims)]
            text = ".".join(parts)
            if algorithm == "none": return text + "."
            signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", key], input=text.encode(), stdout=subprocess.PIPE, check=True).stdout
            return text + "." + encoded(signature)

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                query = urllib.parse.parse_qs(urllib.parse.urlparse(self.path).query)
                given = base64.b64decode((self.headers["Authorization"] or "Basic ").split(" ")[1])
                if given not in (b"", b"alice:secret"): return self.answer(401, {"errors": [{"code": "UNAUTHORIZED", "message": "wrong password"}]})
                access = []
                for scope in " ".join(query.get("scope", [])).split():
                    kind, name, actions = scope.split(":", 2)
                    allowed = actions.split(",") if given else [a for a in actions.split(",") if a == "pull" and name.startswith("open/")]
                    access.append({"type": kind, "name": name, "actions": allowed})
                self.answer(200, {"token": token(access), "expires_in": 300})
            def answer(self, status, value):
                body = json.dumps(value).encode()
                self.send_response(status); self.send_header("Content-Type", "application/json"); self.send_header("Content-Length", str(len(body)))
                self.end_headers(); self.wfile.write(body)
            def log_message(self, *_): pass

        if sys.argv[1] == "serve":
            http.server.ThreadingHTTPServer(("127.0.0.1", 5001), Handler).serve_forever()
        else:
            print(token([], **json.loads(sys.argv[2])), end="")
        """#
}
