/**
 * The sets of images. Checksums are those that the owners, or the loaders of torchvision, torchtext and TensorFlow
 * Datasets, publish; where there is none, that of the first fetch is kept.
 */
import type { DataSet } from './schema.ts';

const svhn = 'http://ufldl.stanford.edu/housenumbers/';
const places = 'http://data.csail.mit.edu/places/places365/';
const omniglot = 'https://raw.githubusercontent.com/brendenlake/omniglot/master/python/';
const fashion = 'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/';
const digits = (name: string) => [
  `https://storage.googleapis.com/cvdf-datasets/mnist/${name}`,
  `https://ossci-datasets.s3.amazonaws.com/mnist/${name}`,
];
const research = 'For research; the owners state no licence.';

export const IMAGE_SETS: DataSet[] = [
  {
    name: 'svhn',
    title: 'SVHN',
    kind: 'image',
    roles: ['in', 'test'],
    about: 'House numbers, cropped digits of 32×32: 73,257 to train and 26,032 to test.',
    home: 'http://ufldl.stanford.edu/housenumbers/',
    terms: 'For non-commercial use only.',
    files: [
      {
        urls: [`${svhn}train_32x32.mat`],
        size: 182040794,
        md5: 'e26dedcc434d2e4c54c9b2d4a06d8373',
        sha256: '435e94d69a87fde4fd4d7f3dd208dfc32cb6ae8af2240d066de1df7508d083b8',
      },
      {
        urls: [`${svhn}test_32x32.mat`],
        size: 64275384,
        md5: 'eb5a983be6a315427106f1b164d9cef3',
        sha256: 'cdce80dfb2a2c4c6160906d0bd7c68ec5a99d7ca4831afa54f09182025b6a75b',
      },
    ],
  },
  {
    name: 'svhn-extra',
    title: 'SVHN, extra',
    kind: 'image',
    roles: ['in'],
    about: '531,131 further and easier digits, which the paper trains on together with those of svhn.',
    home: 'http://ufldl.stanford.edu/housenumbers/',
    terms: 'For non-commercial use only.',
    files: [
      {
        urls: [`${svhn}extra_32x32.mat`],
        size: 1329278602,
        md5: 'a93ce644f1a588dc4d68dda5feec44a7',
        sha256: 'a133a4beb38a00fcdda90c9489e0c04f900b660ce8a316a5e854838379a71eb3',
      },
    ],
  },
  {
    name: 'cifar10',
    title: 'CIFAR-10',
    kind: 'image',
    roles: ['in', 'test'],
    about: '60,000 photographs of 32×32 in ten classes, the binary version.',
    home: 'https://www.cs.toronto.edu/~kriz/cifar.html',
    terms: 'Free to use; cite the technical report named there.',
    files: [
      {
        urls: ['https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz'],
        size: 170052171,
        md5: 'c32a1d4ab5d03f1284b67883e8d87530',
        sha256: 'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd',
        unpack: true,
      },
    ],
  },
  {
    name: 'cifar100',
    title: 'CIFAR-100',
    kind: 'image',
    roles: ['in', 'test'],
    about: '60,000 photographs of 32×32 in a hundred classes, the binary version.',
    home: 'https://www.cs.toronto.edu/~kriz/cifar.html',
    terms: 'Free to use; cite the technical report named there.',
    files: [
      {
        urls: ['https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz'],
        size: 168513733,
        md5: '03b5dce01913d631647c71ecec9e9cb8',
        sha256: '58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec',
        unpack: true,
      },
    ],
  },
  {
    name: 'tiny-imagenet',
    title: 'Tiny ImageNet',
    kind: 'image',
    roles: ['in', 'outliers'],
    about:
      '100,000 photographs of 64×64 in 200 classes, and 10,000 to validate. As outliers for CIFAR, leave out the classes that CIFAR shows.',
    home: 'http://cs231n.stanford.edu/',
    terms: 'ImageNet’s terms of access: non-commercial research and teaching.',
    files: [
      {
        urls: ['http://cs231n.stanford.edu/tiny-imagenet-200.zip'],
        size: 248100043,
        md5: '90528d7ca1a48142e341f4ef8d21d0de',
        unpack: true,
      },
    ],
  },
  {
    name: 'places365',
    title: 'Places365, validation',
    kind: 'image',
    roles: ['in', 'test'],
    about: '36,500 scenes in 365 classes, made 256×256: the validation set, with the lists of classes.',
    home: 'http://places2.csail.mit.edu/download.html',
    terms: 'For academic research and teaching only.',
    files: [
      {
        urls: [`${places}val_256.tar`],
        size: 525158400,
        md5: 'e27b17d8d44f4af9a78502beb927f808',
        sha256: '24b4e639ef12a0012af525bc4cb443e4ab4aaea8369a1fb009b70e4a4aad5d48',
        unpack: true,
      },
      {
        urls: [`${places}filelist_places365-standard.tar`],
        size: 67498496,
        md5: '35a0585fee1fa656440f3ab298f8479c',
        sha256: '520699e00d69b63ddc29fac54645aa00ce1c10ca42e288960aa1cf791d6e9aa9',
        unpack: true,
      },
    ],
  },
  {
    name: 'places365-train',
    title: 'Places365, training',
    kind: 'image',
    roles: ['in'],
    about:
      '1.8 million scenes in 365 classes, made 256×256; takes twice the download on the disk while it is unpacked.',
    home: 'http://places2.csail.mit.edu/download.html',
    terms: 'For academic research and teaching only.',
    files: [
      {
        urls: [`${places}train_256_places365standard.tar`],
        size: 26103685120,
        md5: '53ca1c756c3d1e7809517cc47c5561c5',
        sha256: '0ade5d7d38c682aa0203014a2b99ad3bf608bf1de0f151dc0d80efba54660a0a',
        unpack: true,
      },
    ],
  },
  {
    name: 'places69',
    title: 'Places69',
    kind: 'image',
    roles: ['test'],
    about: 'Scenes of 69 classes that Places365 does not have, its hardest test.',
    home: 'http://places2.csail.mit.edu/download.html',
    terms: 'For academic research and teaching only.',
    manual: 'Fetch the 69 extra categories (Places-extra69) from the home page',
  },
  {
    name: 'tiny-images-300k',
    title: '300K Random Images',
    kind: 'image',
    roles: ['outliers'],
    about:
      '300,000 images of 32×32 that the paper’s authors cleaned and gave out in place of 80 Million Tiny Images. Settings tuned on the whole set do somewhat worse on it.',
    home: 'https://github.com/hendrycks/outlier-exposure',
    terms: `${research} Drawn from a set that its owners withdrew.`,
    files: [{ urls: ['https://people.eecs.berkeley.edu/~hendrycks/300K_random_images.npy'] }],
  },
  {
    name: 'tiny-images',
    title: '80 Million Tiny Images',
    kind: 'image',
    roles: ['outliers'],
    about: '79,302,017 images of 32×32, the paper’s outliers for SVHN, CIFAR and MNIST.',
    home: 'https://groups.csail.mit.edu/vision/TinyImages/',
    terms: 'Withdrawn in 2020; its owners ask that it is used no more.',
    manual: 'Its owners withdrew it for offensive content; fetch tiny-images-300k, which replaces it',
  },
  {
    name: 'imagenet-22k',
    title: 'ImageNet-22K',
    kind: 'image',
    roles: ['outliers'],
    about:
      'Photographs of nearly 22,000 classes, the paper’s outliers for Tiny ImageNet and Places365, less those of ImageNet-1K.',
    home: 'https://www.image-net.org/download.php',
    terms: 'ImageNet’s terms of access: non-commercial research and teaching.',
    manual: 'Register at the home page and fetch the full release (fall 2011 or winter 2021)',
  },
  {
    name: 'imagenet-1k',
    title: 'ImageNet-1K, validation',
    kind: 'image',
    roles: ['test'],
    about: '50,000 photographs of 1,000 classes, which test Tiny ImageNet (less its classes) and Places365.',
    home: 'https://www.image-net.org/download.php',
    terms: 'ImageNet’s terms of access: non-commercial research and teaching.',
    manual: 'Register at the home page and fetch ILSVRC2012_img_val.tar',
  },
  {
    name: 'lsun',
    title: 'LSUN, test',
    kind: 'image',
    roles: ['test'],
    about: '10,000 scenes, in an LMDB database: export the pictures from it before you open them.',
    home: 'https://www.yf.io/p/lsun',
    terms: research,
    files: [{ urls: ['http://dl.yf.io/lsun/scenes/test_lmdb.zip'], unpack: true }],
  },
  {
    name: 'textures',
    title: 'Textures (DTD)',
    kind: 'image',
    roles: ['test'],
    about: '5,640 pictures of 47 kinds of textures.',
    home: 'https://www.robots.ox.ac.uk/~vgg/data/dtd/',
    terms: 'For research purposes.',
    files: [
      {
        urls: ['https://www.robots.ox.ac.uk/~vgg/data/dtd/download/dtd-r1.0.1.tar.gz'],
        size: 625239812,
        md5: 'fff73e5086ae6bdbea199a49dfb8a4c1',
        sha256: 'e42855a52a4950a3b59612834602aa253914755c95b0cff9ead6d07395f8e205',
        unpack: true,
      },
    ],
  },
  {
    name: 'icons-50',
    title: 'Icons-50',
    kind: 'image',
    roles: ['test'],
    about:
      '10,000 icons of 50 classes. The install brings icons that stand in for them: see the MNIST experiment.',
    home: 'https://github.com/hendrycks/robustness',
    terms: research,
    manual: 'Follow one of the links to Icons-50 at the end of the home page',
  },
  {
    name: 'chars74k',
    title: 'Chars74K',
    kind: 'image',
    roles: ['test'],
    about:
      'Letters and digits cut out of photographs of streets (EnglishImg), which test SVHN: leave out the digits.',
    home: 'http://www.ee.surrey.ac.uk/CVSSP/demos/chars74k/',
    terms: research,
    files: [
      {
        urls: ['http://www.ee.surrey.ac.uk/CVSSP/demos/chars74k/EnglishImg.tgz'],
        md5: '85d157e0c58f998e1cda8def62bcda0d',
        unpack: true,
      },
    ],
  },
  {
    name: 'notmnist',
    title: 'notMNIST, small',
    kind: 'image',
    roles: ['test'],
    about:
      'Letters A to J in all sorts of fonts, 28×28: the part that was cleaned by hand. Two of its files are no pictures.',
    home: 'https://yaroslavvb.blogspot.com/2011/09/notmnist-dataset.html',
    terms: research,
    files: [
      {
        urls: [
          'http://yaroslavvb.com/upload/notMNIST/notMNIST_small.tar.gz',
          'https://commondatastorage.googleapis.com/books1000/notMNIST_small.tar.gz',
        ],
        size: 8458043,
        md5: 'c9890a473a9769fda4bdf314aaf500dd',
        unpack: true,
      },
    ],
  },
  {
    name: 'omniglot',
    title: 'Omniglot',
    kind: 'image',
    roles: ['test'],
    about: 'Drawn characters of 50 alphabets, 105×105: those to learn from and those to test.',
    home: 'https://github.com/brendenlake/omniglot',
    terms: 'MIT licence.',
    files: [
      {
        urls: [`${omniglot}images_background.zip`],
        size: 9464212,
        sha256: 'ad41ab679c8b5d90b271ef46be6987cc81211774a695c29dcc5367b2b26ee640',
        unpack: true,
      },
      {
        urls: [`${omniglot}images_evaluation.zip`],
        size: 6462886,
        sha256: '1f61a8f3366785b057fc117d9228e78a16e3d976c8953b2a10fcc74cf0609cee',
        unpack: true,
      },
    ],
  },
  {
    name: 'mnist',
    title: 'MNIST',
    kind: 'image',
    roles: ['in'],
    about: '70,000 digits of 28×28. It comes with the install; fetch it only to have the original files.',
    home: 'http://yann.lecun.com/exdb/mnist/',
    terms: research,
    files: [
      {
        urls: digits('train-images-idx3-ubyte.gz'),
        size: 9912422,
        md5: 'f68b3c2dcbeaaa9fbdd348bbdeb94873',
        sha256: '440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609',
        unpack: true,
      },
      {
        urls: digits('train-labels-idx1-ubyte.gz'),
        size: 28881,
        md5: 'd53e105ee54ea40749a09fcbcd1e9432',
        sha256: '3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c',
        unpack: true,
      },
      {
        urls: digits('t10k-images-idx3-ubyte.gz'),
        size: 1648877,
        md5: '9fb629c4189551a2d022fa330f9573f3',
        sha256: '8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6',
        unpack: true,
      },
      {
        urls: digits('t10k-labels-idx1-ubyte.gz'),
        size: 4542,
        md5: 'ec29112dd5afa0611ce80d1b7f02629c',
        sha256: 'f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6',
        unpack: true,
      },
    ],
  },
  {
    name: 'fashion-mnist',
    title: 'Fashion-MNIST',
    kind: 'image',
    roles: ['outliers', 'test'],
    about:
      '70,000 pictures of clothes, 28×28. It comes with the install; fetch it only to have the original files.',
    home: 'https://github.com/zalandoresearch/fashion-mnist',
    terms: 'MIT licence.',
    files: [
      {
        urls: [`${fashion}train-images-idx3-ubyte.gz`],
        size: 26421880,
        md5: '8d4fb7e6c68d591d4c3dfef9ec88bf0d',
        sha256: '3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84',
        unpack: true,
      },
      {
        urls: [`${fashion}train-labels-idx1-ubyte.gz`],
        size: 29515,
        md5: '25c81989df183df01b3e8a0aad5dffbe',
        sha256: 'a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845',
        unpack: true,
      },
      {
        urls: [`${fashion}t10k-images-idx3-ubyte.gz`],
        size: 4422102,
        md5: 'bef4ecab320f06d8554ea6380940ec79',
        sha256: '346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073',
        unpack: true,
      },
      {
        urls: [`${fashion}t10k-labels-idx1-ubyte.gz`],
        size: 5148,
        md5: 'bb300cfdad3c16e7a12a480ee83cd310',
        sha256: '67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5',
        unpack: true,
      },
    ],
  },
];
