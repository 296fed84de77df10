import Linux
import Testing

extension Integration {
    /// The documents' Compose file, with programs of busybox under the names that it uses.
    @Suite struct ComposeLineTests {
        let it: Installation

        init() throws {
            it = try Installation.withImage()
            try it.makeNames()
        }

        @Test("D67 D68 D69 D70 D71 D72 D73: built, run, seen by name, with the values of a file") func shop() throws {
            try it.mustLines(
                """
                mkdir -p shop/backend shop/frontend/pages shop/frontend/src; cd shop; cat > docker-compose.yml <<'END'
                version: '3.7'

                services:
                  database:
                    image: busybox
                    command: sh -c 'trap exit TERM; httpd -f -p 5432 & wait'
                    ports:
                      # The host machine may have postgres installed and running on port 5432, choosing an arbitrary port instead.
                      - 5510:5432

                  backend:
                    build:
                      context: ./backend
                    ports:
                      # The default port for flask is most likely taken, choose an arbitrary port instead.
                      - 5511:5000
                    depends_on:
                      - database
                    entrypoint: dockerize -wait tcp://database:5432 -timeout 30s
                    command: flask run --host=0.0.0.0
                    env_file:
                      - .env
                    volumes:
                      - ./backend:/srv/app

                  frontend:
                    build:
                      context: ./frontend
                    ports:
                      - 3000:3000
                    depends_on:
                      - backend
                    command: yarn dev
                    volumes:
                      - ./frontend/pages:/srv/app/pages
                      - ./frontend/src:/srv/app/src
                END
                cat > .env <<'END'
                FLASK_DEBUG=1
                FLASK_APP=project/app
                DATABASE_URL=postgresql+psycopg2://postgres@database:5432/postgres
                END
                cat > backend/dockerize <<'END'
                #!/bin/sh
                address=${2#tcp://}; shift 4
                until wget -q -O /dev/null http://$address/ 2>&1 | grep -q . || nslookup ${address%:*} > /dev/null; do sleep 0.1; done
                exec "$@"
                END
                printf '#!/bin/sh\\ntrap exit TERM\\necho "$DATABASE_URL $FLASK_APP $*" > index.html; httpd -f -p 5000 & wait\\n' > backend/flask
                printf '#!/bin/sh\\ntrap exit TERM\\necho yarn $* $(ls); sleep 1000 & wait\\n' > frontend/yarn
                chmod +x backend/dockerize backend/flask frontend/yarn
                printf 'FROM busybox\\nCOPY dockerize flask /usr/local/bin/\\nWORKDIR /srv/app\\n' > backend/Dockerfile
                printf 'FROM busybox\\nCOPY yarn /usr/local/bin/\\nWORKDIR /srv/app\\n' > frontend/Dockerfile
                docker-compose build
                """)
            let up = try it.start(lines: "cd shop; exec docker-compose up")
            try up.wait(forOutput: "frontend-1  | yarn dev pages src")
            let answer = "postgresql+psycopg2://postgres@database:5432/postgres project/app run --host=0.0.0.0\n"
            #expect(try it.mustLines("timeout 20 sh -c 'until curl -sf localhost:5511; do :; done'") == answer)
            #expect(
                try it.mustLines("cd shop; docker-compose exec -T backend sh -c 'echo $FLASK_DEBUG; wget -q -O - http://backend:5000; nslookup database | grep -c Name'")
                    == "1\n\(answer)1\n")
            #expect(
                try it.mustLines("docker ps --format '{{.Names}}' | sort; docker network ls --format '{{.Name}}' | grep shop")
                    == "shop-backend-1\nshop-database-1\nshop-frontend-1\nshop_default\n")
            #expect(try it.lines("cd shop; docker-compose exec nothing ls").err.hasSuffix("service \"nothing\" is not running\n"))
            let down = try it.lines("cd shop; docker-compose down")
            #expect(down.code == 0 && down.err.contains("Network shop_default Removed"), "\(down)")
            let ended = try up.finish()
            #expect(ended.out.contains("database-1 exited with code") && ended.err.contains("the attribute `version` is obsolete"), "\(ended)")
            #expect(try it.mustLines("docker ps -aq; docker network ls -q | wc -l") == "3\n")
        }
    }
}
