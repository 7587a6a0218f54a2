import metadataJson from '../../model/metadata.json';
import topologyJson from '../../model/model.json';

/** The shipped model's two JSON files. A module of its own, so that other models' users do not download it. */
export const modelJson: object = topologyJson;
export const metadata: object = metadataJson;
