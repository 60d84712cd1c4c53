;; The same in the function that a toolchain puts static initialisers into.
(func (export "_initialize") (loop $again (br $again)))
