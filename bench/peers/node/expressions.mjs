// The mapping of the Wrike exchange as two JSONata expressions, compiled once.
import trutoJsonata from '@truto/truto-jsonata';

const request = trutoJsonata(`{
  "title": name,
  "description": description
}`);

const response = trutoJsonata(`data[0].{
  "id": id,
  "name": title,
  "description": description,
  "status": $exists(archived) ? (archived ? "inactive" : "active"),
  "type": accessType = "Public" ? "public" : accessType = "Private" ? "private",
  "remote_data": $
}`);

/** A unified change as Wrike's form fields. */
export const mapRequest = (change) => request.evaluate(change);

/** Wrike's answer as the unified object. */
export const mapResponse = (native) => response.evaluate(native);
