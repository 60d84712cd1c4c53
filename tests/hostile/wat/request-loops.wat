;; Never maps a request, not even an empty one.
(func $map_request (export "patchboard:provider/mapper@0.1.0#map-request")
  (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
  (loop $again (br $again))
  unreachable)
