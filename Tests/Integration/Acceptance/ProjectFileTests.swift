import Linux
import Testing

extension Integration {
    /// Compose files that take from others, and what their short paths mean.
    @Suite struct ProjectFileTests {
        let it: Installation

        init() throws {
            it = try Installation.withImage()
            try it.makeNames()
        }

        @Test("E196 E197 E199: extends, include, several commands; a file is bound by ./ only, a bare name is a volume's") func files() throws {
            let up = try it.mustLines(
                """
                mkdir shop; cd shop; echo content > page
                printf 'services: {common: {image: busybox, environment: {WHO: base}}}' > base.yml
                printf 'services: {extra: {image: busybox, command: echo included}}' > more.yml
                cat > compose.yaml <<'END'
                include: [more.yml]
                services:
                  web:
                    extends: {file: base.yml, service: common}
                    command: sh -c "cat /page && echo $$WHO"
                    volumes: ["./page:/page"]
                END
                docker compose up
                """)
            for line in ["web-1    | content\n", "web-1    | base\n", "extra-1  | included\n"] { #expect(up.contains(line), "\(up)") }
            let bare = try it.lines("cd shop; sed -i 's|./page:|page:|' compose.yaml; docker compose config")
            #expect(bare.code != 0 && bare.err.contains("service \"web\" refers to undefined volume page"), "\(bare)")
            let missing = try it.mustLines("cd shop; sed -i 's|page:/page|./missing:/page|' compose.yaml; docker compose up web; stat -c %F missing; docker compose down")
            #expect(missing.contains("directory\n"), "\(missing)")
            try it.expectNothingLeft()
        }
    }
}
