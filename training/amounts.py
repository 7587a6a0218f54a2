"""How often and how much: the numbers that samples.py, augment.py, crop.py (one sample at a time) and batched.py (whole
batches on the device) have in common. Shares are of the samples that could have it; two numbers are the lowest and the
highest of an even draw; σ is of a normal draw, of the logarithm where it multiplies. Lengths are in sides of the square
unless said, turns in radians."""

# Squares, as users place them: how much of one the hand fills, even in the logarithm: as often half of it or less as more.
FILL, FAR_FILL = (0.3, 0.95), (0.18, 0.4)
SLACK = 0.06              # how far a hand may stick out of its square
UPRIGHT = 0.3             # share that is not turned
TURN, MOST_TURN, STRETCH = 0.227, 0.9, 0.06  # σ (13°), at most, σ of the width
HALF_TURN, QUARTER_TURN = 0.35, 0.2          # σ about 180° and 90°
# A hand with less than this share of its joints in the square shows no letter; how the square gets there
PARTLY, STEP, STEPS = 0.33, 0.12, 12
BLEND_FILL, BLEND_TURN, BLEND = (0.55, 0.8), 0.05, (0.4, 0.6)

# Scenes without a hand
PHOTO_SIDE, REGION_SIDE = 0.35, 0.7  # at least, of a photograph's shorter side and of the free place
FLAT = 0.08                          # share of one colour
SCENE_BLOBS, EMPTY_BLOBS = 0.25, 0.3

# Hands put somewhere else
ON_BLACK = 0.9            # share of hands on black that are pasted
LIT = 14                  # of 255: darker is the black behind a hand
PASTED_GAIN = 0.3         # σ of the light of a hand in its new room
PADDED = 0.55             # share of squares over the picture's edge that go on with another scene
PALM_WIDTH, WRIST = (0.42, 0.5), (0.1, 0.9)
FINGER, TIP, FOREARM = 1.15, 1.1, 1.3  # half widths, in half palms
SLEEVE_TURN, SLEEVE_START, SLEEVE_WIDTH, SLEEVE_SPREAD, SLEEVE_TEXTURE = 0.25, (0.45, 1.3), (0.7, 1.3), (1.0, 1.5), 0.35
HIDDEN_EDGE, HIDDEN_REACH, HIDDEN_SKIN, HIDDEN_TEXTURE = (0.1, 0.4), (0.7, 1.6), 0.3, 0.5

# Patches like faces, arms and shelves
BLOBS, BLOB_SIZE, BLOB_DEPTH, BLOB_SKIN, BLOB_ROUND = 0.2, (0.15, 0.5), (-0.3, 0.12), 0.6, 0.6
SKIN, SKIN_LIGHT, SKIN_TINT = (235, 190, 160), 0.15, 0.12  # the lightest, the darkest's share of it, σ

# Cameras and light
GAMMA, MOST_GAMMA, CONTRAST, GAIN, SHIFT, TINT = 0.32, 0.7, 0.2, 0.22, 0.05, 0.1
GREY = 0.07
BLURRED, BLUR = 0.15, (0.3, 1.8)            # out of focus; σ in px of a square of 160
SMEARED, SMEAR = 0.12, (2.0, 12.0)          # moved while the shutter was open; px of a square of 160
COARSE, COARSE_SIDE = 0.18, (0.25, 0.8)
JPEG, JPEG_QUALITY = 0.25, (15, 85)
SHADED, SHADE = 0.3, (0.1, 0.5)
GRAINY, GRAIN, COLOUR_GRAIN = 0.3, (2, 14), 0.5  # share, σ in 1/255, of these in colour
