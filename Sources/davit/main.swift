// One program, many roles: the name it was called by, or else its first word, picks one.
import Linux

Process.exit(Role.run(CommandLine.arguments))
