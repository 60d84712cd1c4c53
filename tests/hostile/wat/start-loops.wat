;; Never comes to be: its start function has no end.
(start $start)
(func $start (loop $again (br $again)))
